// Package images is how this project's programs learn what is behind image references: from registries, with the
// credentials that kubelet would use.
package images

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/image"
	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/version"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Images tells what is behind image references, asking registries with the pod's pull secrets. Safe for concurrent
// use.
type Images struct {
	client   *registry.Client
	resolver *image.Resolver
	keyrings keyrings
}

// keyrings finds the credentials that kubelet would use for a pod.
type keyrings interface {
	// Keyring returns the credentials of a pod in its namespace, nil for none, and in sentences what had to be
	// left out. It returns before the context ends.
	Keyring(ctx context.Context, pod *workload.Pod, fromTemplate bool) (*keyring.Keyring, []string)
}

// Dependencies are what a program gives.
type Dependencies struct {
	// Program is the program's name, by which registries know it.
	Program string
	// Reader reads Secrets and ServiceAccounts one by one, without a cache.
	Reader client.Reader
	// Registry takes the metrics.
	Registry prometheus.Registerer
}

// New makes what the options ask for. Close ends it.
func New(o *Options, d Dependencies) (*Images, error) {
	roots, err := o.CA.Pool()
	if err != nil {
		return nil, err
	}
	recorder, err := newRecorder(d.Registry)
	if err != nil {
		return nil, err
	}
	client := registry.NewClient(registry.Options{
		InsecureHosts: o.InsecureRegistries,
		RootCAs:       roots,
		Proxy:         http.ProxyFromEnvironment,
		UserAgent:     version.Get().UserAgent(d.Program),
	})
	resolver, err := image.New(image.Options{
		Client:            client,
		AllowedRegistries: o.Registries,
		Budget:            cmp.Or(o.Budget, o.Timeout),
		LookupTimeout:     o.Timeout,
		MaxEntries:        o.MaxImages,
		Metrics:           recorder,
	})
	if err != nil {
		return nil, err
	}
	found := &Images{client: client, resolver: resolver, keyrings: anonymous{}}
	if o.PullSecrets {
		if found.keyrings, err = newPodSecrets(d.Reader); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Facts returns an outcome for every reference.
func (i *Images) Facts(ctx context.Context, pod *workload.Pod, references []string, fromTemplate bool) map[string]policy.ImageResult {
	ring, notes := i.keyrings.Keyring(ctx, pod, fromTemplate)
	facts := i.resolver.ResolveAll(ctx, references, ring)
	if len(notes) > 0 {
		explain(facts, notes)
	}
	return facts
}

// explain adds to every refusal of a registry which credentials could not be used.
func explain(facts map[string]policy.ImageResult, notes []string) {
	for reference, result := range facts {
		if result.Problem == nil || result.Problem.Reason != policy.ImageUnauthorized {
			continue
		}
		problem := *result.Problem
		problem.Message += "; " + strings.Join(notes, "; ")
		facts[reference] = policy.ImageResult{Problem: &problem}
	}
}

// Close ends the look-ups under way.
func (i *Images) Close() {
	i.resolver.Close()
	i.client.Close()
}
