package memhost

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Machine is the host. Its methods are safe for concurrent use.
type Machine struct {
	mu    sync.Mutex
	disk  disk
	hive  hive
	facts state.Facts
	// boots counts how often it has started, which makes its boot ID, and starts how often any service has.
	boots  int
	starts int
	now    time.Time
	// running are the services that are not stopped, by key.
	running map[string]process
	// handles are how long others keep a handle to a service that is deleted, by key.
	handles map[string]time.Duration
	// failing are what services write to their log before they end, instead of running, by key.
	failing map[string]failure
	// superseded are services that end with an error when they are told to stop, and restarts how long the service control
	// manager waits before it starts one that has failed, by key.
	superseded map[string]bool
	restarts   map[string]time.Duration
	locks      map[string]string
	hns        hns
	table      table
	faults     faults
}

// New makes a host with a drive C: that has nothing on it but Windows and Program Files.
func New() *Machine {
	m := &Machine{
		disk: newDisk(), hive: newHive(), boots: 1, now: time.Date(2026, time.November, 2, 3, 0, 0, 0, time.UTC),
		running: map[string]process{}, handles: map[string]time.Duration{}, failing: map[string]failure{},
		superseded: map[string]bool{}, restarts: map[string]time.Duration{},
		locks: map[string]string{}, hns: hns{plugins: map[string][]state.HNSNetwork{}},
		table: newTable(),
		facts: state.Facts{
			Schema: state.Schema, AgentVersion: "v0.0.0", Build: "10.0.20348", UBR: 2762, Edition: "ServerDatacenter",
			InstallationType: "Server Core", Language: "en-US", MemoryBytes: 8 << 30,
			Networks: []state.Network{{Name: "Ethernet", Addresses: []string{"192.0.2.10/24"}, MTU: 1500}},
		},
	}
	for _, directory := range []winpath.Path{`C:\`, `C:\Windows`, `C:\Program Files`, `C:\ProgramData`} {
		m.disk.entries[directory.Key()] = entry{path: directory, kind: state.PathDirectory, access: inherited(), made: m.now}
	}
	m.disk.flush()
	return m
}

// Host is what the agent sees.
func (m *Machine) Host() host.Host {
	return host.Host{
		Files: files{m}, Services: services{m}, Environment: environment{m}, Registry: registry{m},
		Certificates: certificates{m}, Firewall: firewall{m}, Features: features{m},
		Networks: networks{m}, Routes: routes{m}, System: system{m},
	}
}

// Clone is a copy that shares nothing, with neither faults nor locks.
func (m *Machine) Clone() *Machine {
	m.mu.Lock()
	defer m.mu.Unlock()
	disk, blobs := m.disk.clone()
	running := maps.Clone(m.running)
	for key, process := range running {
		process.blob = blobs[process.blob]
		running[key] = process
	}
	return &Machine{
		disk: disk, hive: m.hive.clone(), facts: m.facts, boots: m.boots, starts: m.starts, now: m.now,
		running: running, handles: maps.Clone(m.handles), failing: maps.Clone(m.failing),
		superseded: maps.Clone(m.superseded), restarts: maps.Clone(m.restarts),
		locks: map[string]string{}, hns: m.hns.clone(), table: m.table.clone(),
	}
}

// SetFacts changes what the host says about itself. What a host in memory has by itself, such as its name, is
// overwritten when facts are read.
func (m *Machine) SetFacts(change func(*state.Facts)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.facts.Hostname = m.hive.hostname
	change(&m.facts)
	m.hive.hostname = m.facts.Hostname
	m.hive.nextHostname = m.facts.Hostname
	m.hive.flush()
}

// Kill ends the agent's process, as kill -9 does: what it has done stays, its locks are free.
func (m *Machine) Kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endProcess()
}

// endProcess closes what the agent has open. Files of its locks go when they are closed.
func (m *Machine) endProcess() {
	m.faults = faults{}
	for key := range m.locks {
		delete(m.disk.entries, key)
	}
	m.locks = map[string]string{}
	m.disk.closeAll()
}

// Reboot shuts down in order and boots: nothing is lost.
func (m *Machine) Reboot() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endProcess()
	m.disk.syncAll()
	m.hive.flush()
	m.boot()
}

// LosePower takes the power away and boots: what is not durable is lost.
func (m *Machine) LosePower() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disk.losePower()
	m.hive.losePower()
	m.boot()
}

func (m *Machine) boot() {
	m.boots++
	m.faults = faults{}
	m.locks = map[string]string{}
	m.running = map[string]process{}
	m.superseded, m.restarts = map[string]bool{}, map[string]time.Duration{}
	m.hive.boot()
	m.table.boot()
	for _, key := range slices.Sorted(maps.Keys(m.hive.services)) {
		service := m.hive.services[key]
		if service.config.Start == state.StartAutomatic || service.config.Start == state.StartDelayed {
			// One that does not start at boot is stopped afterwards, which is all that there is to see.
			_ = m.start(key)
		}
	}
}

// advance lets time pass.
func (m *Machine) advance(duration time.Duration) {
	m.now = m.now.Add(duration)
	for key, left := range m.restarts {
		if m.restarts[key] = left - duration; m.restarts[key] <= 0 {
			delete(m.restarts, key)
			_ = m.start(key) // One that does not start is stopped afterwards.
		}
	}
	for key, left := range m.handles {
		m.handles[key] = left - duration
		if service := m.hive.services[key]; m.handles[key] <= 0 && service.deleted {
			delete(m.hive.services, key)
			delete(m.handles, key)
		}
	}
}

func (m *Machine) bootID() string { return fmt.Sprintf("boot-%d", m.boots) }
