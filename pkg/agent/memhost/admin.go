package memhost

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// WriteFile is the admin writing a file, with the directories above it. It is durable.
func (m *Machine) WriteFile(path winpath.Path, content string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, ancestor := range path.Ancestors() {
		if _, exists := m.disk.entries[ancestor.Key()]; !exists {
			m.disk.entries[ancestor.Key()] = entry{path: ancestor, kind: state.PathDirectory, access: inherited(), made: m.now}
		}
	}
	if found, exists := m.disk.entries[path.Key()]; exists && found.blob != nil {
		found.blob.data = nil
	}
	m.write(path, content)
	m.disk.syncAll()
}

// ReadFile is the content of a file; false if there is none.
func (m *Machine) ReadFile(path winpath.Path) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, exists := m.disk.entries[path.Key()]
	if !exists || found.blob == nil {
		return "", false
	}
	return string(found.blob.data), true
}

// RemoveFile is the admin deleting a file or an empty directory.
func (m *Machine) RemoveFile(path winpath.Path) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.disk.entries, path.Key())
	m.disk.flush()
}

// Link puts a reparse point somewhere.
func (m *Machine) Link(path winpath.Path) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disk.entries[path.Key()] = entry{path: path, kind: state.PathLink, access: inherited(), made: m.now}
	m.disk.flush()
}

// Hold is another process that opens a file and lets others read it, and nothing else, until it is released.
func (m *Machine) Hold(path winpath.Path) (release func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := m.disk.entries[path.Key()].blob
	held.held++
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		held.held--
	}
}

// Install is the admin making a service and starting it.
func (m *Machine) Install(ctx context.Context, name string, config state.ServiceConfig) error {
	if err := m.Host().Services.Create(ctx, name, config); err != nil {
		return err
	}
	if err := m.Host().Services.Start(ctx, name); err != nil {
		return err
	}
	return m.Host().System.Flush(ctx)
}

// Crash ends a service's process.
func (m *Machine) Crash(service string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.running, winpath.Fold(service))
}

// Running tells whether a service runs.
func (m *Machine) Running(service string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, running := m.running[winpath.Fold(service)]
	return running
}

// Process is a service that runs.
type Process struct {
	// Number is another one each time that the service has started.
	Number int
	// CommandLine is what it was started with.
	CommandLine string
}

// Process is that of a service; false where it does not run.
func (m *Machine) Process(service string) (Process, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	running, runs := m.running[winpath.Fold(service)]
	return Process{Number: running.number, CommandLine: running.config.CommandLine}, runs
}

// Snapshot is everything on the host, by name, in a form that can be compared and read. Paths below one of the
// directories, and these themselves, are left out.
func (m *Machine) Snapshot(without ...winpath.Path) map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]string{"hostname": m.hive.nextHostname}
	for _, found := range m.disk.entries {
		if !slices.ContainsFunc(without, func(p winpath.Path) bool { return found.path.Equal(p) || found.path.Within(p) }) {
			all["path "+found.path.String()] = found.describe()
		}
	}
	for _, variable := range m.hive.environment {
		all["variable "+variable.name] = fmt.Sprintf("%s expand=%t", variable.value.Text, variable.value.Expand)
	}
	for _, key := range m.hive.keys {
		all["key "+key] = ""
	}
	for _, value := range m.hive.values {
		all["value "+value.name] = fmt.Sprintf("%+v", value.value)
	}
	for digest := range m.hive.certificates {
		all["certificate "+digest] = ""
	}
	for _, rule := range m.hive.rules {
		all["rule "+rule.Name] = fmt.Sprintf("%+v", rule)
	}
	for _, network := range m.hns.networks {
		all["network "+network.ID] = fmt.Sprintf("%s %s %v", network.Name, network.Type, network.Subnets)
	}
	for destination, routes := range m.table.active {
		all["route "+destination] = fmt.Sprint(routes)
	}
	for _, feature := range m.hive.features {
		all["feature "+feature.name] = string(feature.value)
	}
	for _, key := range slices.Sorted(maps.Keys(m.hive.services)) {
		found := m.hive.services[key]
		all["service "+found.name] = fmt.Sprintf("%+v deleted=%t", found.config, found.deleted)
		if process, running := m.running[key]; running {
			all["process "+found.name] = process.config.CommandLine + " sha256:" + process.digest
		}
	}
	return all
}

func (e entry) describe() string {
	description := fmt.Sprintf("%s %s", e.kind, e.access.Level)
	if !state.TrustedOwner(e.access.SDDL) {
		description += " of " + state.OwnerOf(e.access.SDDL)
	}
	if e.blob != nil {
		description += fmt.Sprintf(" %q", e.blob.data)
	}
	return description
}
