package windowshost

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// The names of indexes of WindowsHosts.
const (
	indexAddress  = "mullion.dev/address"
	indexNodeName = "mullion.dev/node-name"
)

// unique lets only one WindowsHost have an address: two that make one host what each of them wants would take turns at
// it for ever.
type unique struct{ reader client.Reader }

func (unique) name() v1alpha1.HostStep { return v1alpha1.StepResolve }

func (u unique) do(ctx context.Context, p *pass) (verdict, error) {
	other, err := elder(ctx, u.reader, p.host, indexAddress, addressOf(p.host))
	if err != nil || other == "" {
		return proceed(), err
	}
	return proceed(), duplicate(other, "the address "+addressOf(p.host))
}

// duplicate is the error of a host that has what another one has.
func duplicate(other, what string) error {
	return becausef(v1alpha1.ReasonDuplicate,
		"WindowsHost %s has %s and was there before; nothing is done with this one: delete one of them", other, what)
}

// elder is the first of the other hosts with the same value in an index that comes before this one: the one that was made
// first, then the first by namespace and name. It is empty where there is none.
func elder(ctx context.Context, reader client.Reader, host *v1alpha1.WindowsHost, index, value string) (string, error) {
	var same v1alpha1.WindowsHostList
	if err := reader.List(ctx, &same, client.MatchingFields{index: value}); err != nil {
		return "", fmt.Errorf("looking for other WindowsHosts that are the same host: %w", err)
	}
	var first *v1alpha1.WindowsHost
	for i := range same.Items {
		other := &same.Items[i]
		if other.UID != host.UID && compareAge(other, host) < 0 && (first == nil || compareAge(other, first) < 0) {
			first = other
		}
	}
	if first == nil {
		return "", nil
	}
	return first.Namespace + "/" + first.Name, nil
}

func compareAge(a, b *v1alpha1.WindowsHost) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// addressOf is where the host is reached, in one form for all who write the same address.
func addressOf(host *v1alpha1.WindowsHost) string {
	const defaultPort = 22
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(host.Spec.Address, ".")),
		strconv.Itoa(int(cmp.Or(host.Spec.Port, defaultPort))))
}
