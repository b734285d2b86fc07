package hosttest

import (
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// TestNoContractIsKeptByAHostThatDoesNothing runs each contract with a host that agrees to everything and does nothing, and
// with one that refuses everything. A contract that both keep proves nothing.
func TestNoContractIsKeptByAHostThatDoesNothing(t *testing.T) {
	for sentence, contract := range contracts() {
		t.Run(sentence, func(t *testing.T) {
			agrees, refuses := run(t, dummy(nil), contract), run(t, dummy(errRefused), contract)
			if len(agrees) == 0 && len(refuses) == 0 {
				t.Error("it is kept by both")
			}
		})
	}
}

func TestADifferenceHasToBeOne(t *testing.T) {
	for name, test := range map[string]struct {
		broken []string
		reason string
		want   int
	}{
		"kept, and not listed":   {nil, "", 0},
		"broken, and not listed": {[]string{"a", "b"}, "", 2},
		"broken as listed":       {[]string{"a", "b"}, "Wine", 0},
		"kept, though listed":    {nil, "Wine", 1},
	} {
		if got := verdict(test.broken, test.reason); len(got) != test.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// dummy is a host of which every method returns the error, and nothing else.
func dummy(err error) Subject {
	released := func() {}
	program := func(winpath.Path, string) []string { return nil }
	d := nothing{err}
	return Subject{
		Host: host.Host{
			Files: noFiles{d}, Services: noServices{d}, Environment: noEnvironment{d}, Registry: noRegistry{d},
			Certificates: noCertificates{d}, Firewall: noFirewall{d}, Features: noFeatures{d}, Networks: noNetworks{d}, Routes: noRoutes{d},
			System: noSystem{d},
		},
		Directory: `C:\contract`, Program: program, Broken: program,
		HoldFile:    func(winpath.Path) func() { return released },
		HoldService: func(string) func() { return released },
		HoldLock:    func(winpath.Path) (string, func()) { return "another", released },
	}
}
