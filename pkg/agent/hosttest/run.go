package hosttest

import (
	"maps"
	"slices"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Subject is a host, and what a test needs of it that package host does not offer. What its functions cannot do ends the
// test.
type Subject struct {
	Host host.Host
	// Directory is empty and nobody else's.
	Directory winpath.Path
	// Program puts a program at a path that runs as a service of that name until it is told to stop. It returns the
	// arguments with which it does so.
	Program func(path winpath.Path, service string) (arguments []string)
	// Broken is a Program that ends at once.
	Broken func(path winpath.Path, service string) (arguments []string)
	// HoldFile is another process that has a file open and lets others read it, and nothing else, until it is released.
	HoldFile func(path winpath.Path) (release func())
	// HoldService is another process that has a handle to a service.
	HoldService func(name string) (release func())
	// HoldLock is another process that has a lock, and says that about itself.
	HoldLock func(path winpath.Path) (holder string, release func())
}

// Run tests hosts, a new one for each contract. Differences are the contracts that they do not keep, each with the reason.
func Run(t *testing.T, open func(t *testing.T) Subject, differences map[string]string) {
	t.Helper()
	all := contracts()
	for sentence := range differences {
		if all[sentence] == nil {
			t.Errorf("a difference is listed for %q, which is no contract", sentence)
		}
	}
	for _, sentence := range slices.Sorted(maps.Keys(all)) {
		t.Run(sentence, func(t *testing.T) {
			for _, failure := range verdict(run(t, open(t), all[sentence]), differences[sentence]) {
				t.Error(failure)
			}
		})
	}
}

// verdict is what is wrong with a contract, given what is broken of it, and the reason for which it has to be, if it has.
func verdict(broken []string, reason string) []string {
	switch {
	case reason == "":
		return broken
	case len(broken) == 0:
		return []string{"it is kept, though it is listed as different: " + reason}
	default:
		return nil
	}
}

// contract is what a sentence says.
type contract func(*check)

// contracts are all of them, by their sentences.
func contracts() map[string]contract {
	all := map[string]contract{}
	for _, some := range []map[string]contract{
		fileContracts(), sharingContracts(), directoryContracts(), accessContracts(),
		serviceContracts(), serviceFaultContracts(), registryContracts(), settingContracts(), firewallContracts(),
		featureContracts(), lockContracts(), factContracts(), networkContracts(), routeContracts(),
	} {
		maps.Copy(all, some)
	}
	return all
}
