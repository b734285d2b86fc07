package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/bench/internal/cluster"
	"github.com/mullion-dev/mullion/pkg/image"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// newEvaluator makes the evaluator that the webhook has, over a small cluster that does not change and an image
// cache in which the captured pod's images are known already.
func newEvaluator(pod *workload.Pod) (*placement.Evaluator, error) {
	snapshot, err := cluster.Snapshot(3, 1)
	if err != nil {
		return nil, err
	}
	resolver, err := image.New(image.Options{Client: windowsRegistry{}, Budget: time.Minute, LookupTimeout: time.Minute})
	if err != nil {
		return nil, fmt.Errorf("making the image cache: %w", err)
	}
	known := warmImages{resolver}
	for c := range pod.AllContainers {
		for reference, result := range known.Facts(context.Background(), pod, []string{c.Image}, false) {
			if result.Problem != nil {
				return nil, fmt.Errorf("warming the image cache with %s: %s", reference, result.Problem.Message)
			}
		}
	}
	return placement.NewEvaluator(fixedCluster{snapshot}, known), nil
}

// fixedCluster is a cluster that does not change.
type fixedCluster struct{ snapshot *policy.Snapshot }

func (c fixedCluster) Snapshot() *policy.Snapshot { return c.snapshot }

func (c fixedCluster) NamespaceLabels(context.Context, string) (map[string]string, error) {
	return map[string]string{corev1.LabelMetadataName: "default"}, nil
}

// warmImages asks the image cache as the webhook does, without pull secrets.
type warmImages struct{ resolver *image.Resolver }

func (i warmImages) Facts(ctx context.Context, _ *workload.Pod, references []string, _ bool) map[string]policy.ImageResult {
	return i.resolver.ResolveAll(ctx, references, nil)
}

// windowsRegistry says of every image that it runs on Windows Server 2022.
type windowsRegistry struct{}

func (windowsRegistry) Lookup(_ context.Context, query registry.Query) (*policy.Image, error) {
	const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	return &policy.Image{
		Reference: query.Image.String(),
		Digest:    digest,
		Index:     true,
		Platforms: []policy.Platform{{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700", Digest: digest}},
	}, nil
}
