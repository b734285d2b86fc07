package clusterfacts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"

	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

// findServerVersion finds the version of the oldest API server: no kubelet may be newer than it,
// https://kubernetes.io/releases/version-skew-policy/#kubelet. While a control plane is upgraded a load balancer leads
// now to an old one, now to a new one, so each is asked by its own address. One that does not answer counts as unknown,
// and the oldest of the others is taken: there may be an older one, which is about to be upgraded or is down.
func (g *gathering) findServerVersion(ctx context.Context) error {
	if g.found.ServerVersion = g.given.ServerVersion; g.found.ServerVersion != nil {
		return nil
	}
	addresses, err := g.serverAddresses(ctx)
	if err != nil {
		return err
	}
	versions, silent := g.servers.versions(ctx, addresses)
	if len(versions) == 0 {
		return fmt.Errorf("asking API servers for their versions: %w", errors.Join(silent...))
	}
	for _, reason := range silent {
		logf.FromContext(ctx).V(1).Info("API server does not tell its version", "error", reason.Error())
	}
	oldest := versions[0]
	for _, other := range versions[1:] {
		if other.LessThan(oldest) {
			oldest = other
		}
	}
	g.found.ServerVersion = oldest
	return nil
}

// versions are those of the API server that is reached from here, and of each at an address; and why others are unknown.
func (s *servers) versions(ctx context.Context, addresses []string) (known []*version.Version, silent []error) {
	var (
		mu    sync.Mutex
		asked sync.WaitGroup
	)
	note := func(is *version.Version, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			silent = append(silent, err)
			return
		}
		known = append(known, is)
	}
	asked.Go(func() { note(s.version(ctx)) })
	for _, address := range addresses {
		asked.Go(func() { note(s.versionAt(ctx, address)) })
	}
	asked.Wait()
	return known, silent
}

// serverAddresses are those to which the Service "kubernetes" leads. There are none where API servers do not note their
// addresses there.
func (g *gathering) serverAddresses(ctx context.Context) ([]string, error) {
	var found discoveryv1.EndpointSliceList
	err := g.reader.List(ctx, &found, client.InNamespace(metav1.NamespaceDefault),
		client.MatchingLabels{discoveryv1.LabelServiceName: "kubernetes"})
	if err != nil {
		return nil, fmt.Errorf("listing EndpointSlices of Service %s/kubernetes: %w", metav1.NamespaceDefault, err)
	}
	var addresses []string
	for i := range found.Items {
		addresses = append(addresses, addressesOf(&found.Items[i])...)
	}
	slices.Sort(addresses)
	return slices.Compact(addresses), nil
}

// addressesOf are the addresses of a slice, each with each of its ports.
func addressesOf(slice *discoveryv1.EndpointSlice) []string {
	var addresses []string
	for _, port := range slice.Ports {
		if port.Port == nil {
			continue
		}
		for i := range slice.Endpoints {
			for _, address := range slice.Endpoints[i].Addresses {
				addresses = append(addresses, net.JoinHostPort(address, strconv.Itoa(int(*port.Port))))
			}
		}
	}
	return addresses
}
