package host_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// answer is a Host Networking Service that says the same whenever it is asked.
type answer struct {
	networks []state.HNSNetwork
	err      error
}

func (a answer) Networks(context.Context) ([]state.HNSNetwork, error) { return a.networks, a.err }

func (a answer) DeleteNetwork(context.Context, string) error { return a.err }

func TestAHostWithoutNetworksHasNoneAndOneThatDoesNotSayIsAnError(t *testing.T) {
	nat, broken := []state.HNSNetwork{{ID: "1", Name: "nat"}}, errors.New("the service is not well")
	for sentence, test := range map[string]struct {
		said answer
		want []state.HNSNetwork
		err  error
	}{
		"networks":             {answer{networks: nat}, nat, nil},
		"no service":           {answer{err: fmt.Errorf("listing networks: %w", host.ErrNotAvailable)}, nil, nil},
		"a service that fails": {answer{err: broken}, nil, broken},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := host.Host{Networks: test.said}.ContainerNetworks(t.Context())
			if diff := cmp.Diff(test.want, got); diff != "" || !errors.Is(err, test.err) {
				t.Errorf("error %v, networks (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestWhoHoldsALockIsSaid(t *testing.T) {
	err := &host.LockedError{Path: `C:\lock`, Holder: "manager-1, process 7"}
	for _, part := range []string{`C:\lock`, "manager-1, process 7"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}
