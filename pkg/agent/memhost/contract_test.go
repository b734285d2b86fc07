package memhost_test

import (
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/hosttest"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// subject is a machine as the contracts want it.
func subject(t *testing.T, m *memhost.Machine) hosttest.Subject {
	t.Helper()
	const directory winpath.Path = `C:\contract`
	must(t, m.Host().Files.MakeDirectory(t.Context(), directory))
	return hosttest.Subject{
		Host: m.Host(), Directory: directory,
		Program: func(path winpath.Path, _ string) []string {
			m.WriteFile(path, "a program")
			return nil
		},
		Broken: func(path winpath.Path, service string) []string {
			m.WriteFile(path, "a program")
			m.FailStart(service, path+".log", "broken")
			return nil
		},
		HoldFile: m.Hold,
		HoldService: func(name string) func() {
			m.HoldService(name, time.Hour)
			return func() { must(t, m.Host().System.Wait(t.Context(), time.Hour)) }
		},
		HoldLock: func(path winpath.Path) (string, func()) {
			unlock, err := m.Host().System.Lock(t.Context(), path, "the other process")
			must(t, err)
			return "the other process", func() { must(t, unlock()) }
		},
	}
}

func TestTheHostInMemoryKeepsTheContracts(t *testing.T) {
	hosttest.Run(t, func(t *testing.T) hosttest.Subject {
		t.Helper()
		return subject(t, memhost.New())
	}, nil)
}

func TestAHostWithNetworksKeepsTheContracts(t *testing.T) {
	hosttest.Run(t, func(t *testing.T) hosttest.Subject {
		t.Helper()
		m := memhost.New()
		m.EnableFeature("Containers")
		m.MakeNetwork(state.HNSNetwork{Name: "nat", Type: "NAT"})
		return subject(t, m)
	}, nil)
}
