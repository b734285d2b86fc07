package app

import (
	"context"
	"net/http"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/mullion-dev/mullion/pkg/image"
	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/version"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// images tells reviews what is behind image references, asking registries with the pod's pull secrets.
type images struct {
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

func newImages(o *options, mgr manager.Manager) (*images, error) {
	roots, err := o.registryCAs()
	if err != nil {
		return nil, err
	}
	recorder, err := newImageMetrics(metrics.Registry)
	if err != nil {
		return nil, err
	}
	client := registry.NewClient(registry.Options{
		InsecureHosts: o.insecureRegistries,
		RootCAs:       roots,
		Proxy:         http.ProxyFromEnvironment,
		UserAgent:     version.Get().UserAgent("webhook"),
	})
	resolver, err := image.New(image.Options{
		Client:            client,
		AllowedRegistries: o.registries,
		Budget:            o.registryBudget,
		LookupTimeout:     o.registryTimeout,
		MaxEntries:        o.maxImages,
		Metrics:           recorder,
	})
	if err != nil {
		return nil, err
	}
	found := &images{client: client, resolver: resolver, keyrings: anonymous{}}
	if o.usePullSecrets {
		if found.keyrings, err = newPodSecrets(mgr.GetAPIReader()); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Facts returns an outcome for every reference.
func (i *images) Facts(ctx context.Context, pod *workload.Pod, references []string, fromTemplate bool) map[string]policy.ImageResult {
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

// close ends the look-ups under way.
func (i *images) close() {
	i.resolver.Close()
	i.client.Close()
}
