package memhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// process is a service that runs: which program, and with what configuration it was started.
type process struct {
	blob   *blob
	config state.ServiceConfig
	digest string
	// number is which start of a service on this machine it came of, from 1.
	number int
}

type services struct{ m *Machine }

var _ host.Services = services{}

func (s services) Service(_ context.Context, name string) (state.ObservedService, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.read("Service", name); err != nil {
		return state.ObservedService{}, err
	}
	key := winpath.Fold(name)
	found, exists := s.m.hive.services[key]
	switch {
	case !exists:
		return state.ObservedService{}, fmt.Errorf("service %s: %w", name, fs.ErrNotExist)
	case found.deleted:
		return state.ObservedService{}, fmt.Errorf("service %s: %w", name, host.ErrMarkedForDelete)
	}
	observed := state.ObservedService{Config: cloneConfig(found.config), Status: state.ServiceStopped}
	if _, running := s.m.running[key]; running {
		observed.Status = state.ServiceRunning
	}
	observed.Dependents = s.m.dependents(key)
	return observed, nil
}

// dependents are the services that run on top of one, directly or not.
func (m *Machine) dependents(key string) []string {
	var names []string
	for _, other := range slices.Sorted(maps.Keys(m.running)) {
		if m.needs(m.hive.services[other].config, key) {
			names = append(names, m.hive.services[other].name)
		}
	}
	return names
}

func (s services) Create(_ context.Context, name string, config state.ServiceConfig) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.change("CreateService", name); err != nil {
		return err
	}
	if existing, exists := s.m.hive.services[winpath.Fold(name)]; exists {
		if existing.deleted {
			return fmt.Errorf("creating service %s: %w", name, host.ErrMarkedForDelete)
		}
		return fmt.Errorf("creating service %s: %w", name, fs.ErrExist)
	}
	if s.m.needs(config, winpath.Fold(name)) {
		return fmt.Errorf("creating service %s: %w", name, errCircle)
	}
	s.m.hive.services[winpath.Fold(name)] = service{name: name, config: cloneConfig(config)}
	return nil
}

// errCircle is how the service control manager refuses services that would wait for each other.
var errCircle = errors.New("it would depend on itself (1059)")

// needs tells whether a service with that configuration cannot start before another one runs.
func (m *Machine) needs(config state.ServiceConfig, key string) bool {
	return slices.ContainsFunc(config.DependsOn, func(dependency string) bool {
		return winpath.Fold(dependency) == key || m.needs(m.hive.services[winpath.Fold(dependency)].config, key)
	})
}

func (s services) Configure(_ context.Context, name string, config state.ServiceConfig) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.change("ConfigureService", name); err != nil {
		return err
	}
	existing, exists := s.m.hive.services[winpath.Fold(name)]
	if !exists {
		return fmt.Errorf("configuring service %s: %w", name, fs.ErrNotExist)
	}
	if existing.deleted {
		return fmt.Errorf("configuring service %s: %w", name, host.ErrMarkedForDelete)
	}
	if s.m.needs(config, winpath.Fold(name)) {
		return fmt.Errorf("configuring service %s: %w", name, errCircle)
	}
	existing.config = cloneConfig(config)
	s.m.hive.services[winpath.Fold(name)] = existing
	return nil
}

func (s services) Delete(_ context.Context, name string) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.change("DeleteService", name); err != nil {
		return err
	}
	key := winpath.Fold(name)
	existing, exists := s.m.hive.services[key]
	_, running := s.m.running[key]
	switch {
	case !exists:
		return fmt.Errorf("deleting service %s: %w", name, fs.ErrNotExist)
	case running:
		return fmt.Errorf("deleting service %s: it runs", name)
	case s.m.handles[key] > 0:
		existing.deleted = true
		s.m.hive.services[key] = existing
	default:
		delete(s.m.hive.services, key)
	}
	return nil
}

func (s services) Start(_ context.Context, name string) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.change("StartService", name); err != nil {
		return err
	}
	if err := s.m.start(winpath.Fold(name)); err != nil {
		return fmt.Errorf("starting service %s: %w", name, err)
	}
	return nil
}

// start starts what the service depends on before, as the service control manager does.
func (m *Machine) start(key string) error {
	found, exists := m.hive.services[key]
	if _, running := m.running[key]; running {
		return nil
	}
	switch {
	case !exists:
		return fs.ErrNotExist
	case found.deleted:
		return host.ErrMarkedForDelete
	case found.config.Start == state.StartDisabled:
		return errors.New("it is disabled (1058)")
	}
	for _, dependency := range found.config.DependsOn {
		if err := m.start(winpath.Fold(dependency)); err != nil {
			return fmt.Errorf("the dependency %s does not run (1068): %w", dependency, err)
		}
	}
	if failing, fails := m.failing[key]; fails {
		m.write(failing.log, failing.text)
		return errors.New("it ended with exit code 1 (1067)")
	}
	program := m.disk.entries[programOf(found.config).Key()]
	if program.blob == nil {
		return fmt.Errorf("its program: %w", fs.ErrNotExist)
	}
	m.starts++
	m.running[key] = process{
		blob: program.blob, config: cloneConfig(found.config), digest: state.Digest(program.blob.data), number: m.starts,
	}
	if m.hasHNS() {
		m.hns.started(key)
	}
	return nil
}

func programOf(config state.ServiceConfig) winpath.Path {
	_, rest, _ := strings.Cut(config.CommandLine, `"`)
	program, _, _ := strings.Cut(rest, `"`)
	return winpath.Path(program)
}

// write is what programs other than the agent do.
func (m *Machine) write(path winpath.Path, text string) {
	if found, exists := m.disk.entries[path.Key()]; exists && found.blob != nil {
		found.blob.data, found.blob.modified = append(found.blob.data, text...), m.now
		return
	}
	m.disk.entries[path.Key()] = entry{
		path: path, kind: state.PathFile, access: inherited(), blob: &blob{data: []byte(text), modified: m.now},
	}
}

func (s services) Stop(_ context.Context, name string) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.change("StopService", name); err != nil {
		return err
	}
	key := winpath.Fold(name)
	if _, exists := s.m.hive.services[key]; !exists {
		return fmt.Errorf("stopping service %s: %w", name, fs.ErrNotExist)
	}
	if dependents := s.m.dependents(key); len(dependents) > 0 {
		return fmt.Errorf("stopping service %s: %v depend on it and run (1051)", name, dependents)
	}
	delete(s.m.running, key)
	if recovery := s.m.hive.services[key].config.Recovery; s.m.superseded[key] && recovery.OnError && len(recovery.RestartAfterSeconds) > 0 {
		s.m.restarts[key] = time.Duration(recovery.RestartAfterSeconds[0]) * time.Second
	}
	delete(s.m.superseded, key)
	return nil
}
