package memhost

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

type system struct{ m *Machine }

var _ host.System = system{}

func (s system) Facts(_ context.Context, names []string) (state.Facts, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.read("Facts", ""); err != nil {
		return state.Facts{}, err
	}
	facts := s.m.facts
	facts.Hostname, facts.PendingHostname = s.m.hive.hostname, ""
	if !strings.EqualFold(s.m.hive.nextHostname, s.m.hive.hostname) {
		facts.PendingHostname = s.m.hive.nextHostname
	}
	facts.BootID, facts.Time = s.m.bootID(), s.m.now
	facts.Disks = []state.Disk{{Drive: `C:\`, SizeBytes: 120 << 30, FreeBytes: s.m.disk.free}}
	facts.Features = nil
	for _, key := range slices.Sorted(maps.Keys(s.m.hive.features)) {
		if feature := s.m.hive.features[key]; feature.value != state.FeatureDisabled {
			facts.Features = append(facts.Features, state.FeatureFact{Name: feature.name, State: feature.value})
		}
	}
	facts.Services = s.summaries(names)
	facts.ContainerNetworks = nil
	if s.m.hasHNS() {
		facts.ContainerNetworks = slices.Clone(s.m.hns.networks)
	}
	return facts, nil
}

func (s system) summaries(names []string) []state.ServiceSummary {
	var summaries []state.ServiceSummary
	for _, key := range slices.Sorted(maps.Keys(s.m.hive.services)) {
		found := s.m.hive.services[key]
		asked := slices.ContainsFunc(names, func(name string) bool { return winpath.Fold(name) == key })
		if !asked && !host.AboutContainers(found.name) {
			continue
		}
		summary := state.ServiceSummary{
			Name: found.name, Status: state.ServiceStopped, CommandLine: host.ProgramOf(found.config.CommandLine),
		}
		if _, running := s.m.running[key]; running {
			summary.Status = state.ServiceRunning
		}
		summaries = append(summaries, summary)
	}
	return summaries
}

func (s system) SetHostname(_ context.Context, name string) error {
	return alter(s.m, "SetHostname", name, func(string) { s.m.hive.nextHostname = name })
}

func (s system) Flush(context.Context) error {
	return alter(s.m, "Flush", "", func(string) { s.m.hive.flush() })
}

func (s system) Lock(_ context.Context, path winpath.Path, holder string) (func() error, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.read("Lock", path.String()); err != nil {
		return nil, err
	}
	if other, held := s.m.locks[path.Key()]; held {
		return nil, &host.LockedError{Path: path, Holder: other}
	}
	if err := files(s).needDirectory(path.Parent()); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	s.m.disk.entries[path.Key()] = entry{
		path: path, kind: state.PathFile, access: administrators(), blob: &blob{data: []byte(holder + "\n"), modified: s.m.now},
	}
	s.m.locks[path.Key()] = holder
	return func() error {
		s.m.mu.Lock()
		defer s.m.mu.Unlock()
		if _, held := s.m.locks[path.Key()]; held {
			delete(s.m.locks, path.Key())
			delete(s.m.disk.entries, path.Key())
		}
		return nil
	}, nil
}

func (s system) Wait(ctx context.Context, duration time.Duration) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if err := s.m.read("Wait", duration.String()); err != nil {
		return err
	}
	s.m.advance(duration)
	return ctx.Err()
}
