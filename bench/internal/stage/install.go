package stage

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"

	"github.com/mullion-dev/mullion/test/install"
)

// policy offers the builds that nodes of benchmarks have.
//
//go:embed policy.yaml
var policy []byte

// runtimeClasses is how many the node manager makes for the policy: one for each build.
const runtimeClasses = 3

// Install installs Mullion, applies the policy, and returns when the webhook knows it and as many Windows nodes as
// there are. The registry is a host:port that is spoken to in plain HTTP.
func (s *Stage) Install(ctx context.Context, registry string, nodes int) (err error) {
	s.Installation, err = install.Install(ctx, s.Cluster, install.Options{
		WebhookReplicas:     1,
		NodeManagerReplicas: 1,
		WebhookArgs:         []string{"--insecure-registries=" + registry},
	})
	if err != nil {
		return err
	}
	if _, err := s.Cluster.Kubectl(ctx, bytes.NewReader(policy), "apply", "-f", "-"); err != nil {
		return fmt.Errorf("applying the policy: %w", err)
	}
	return s.UntilWebhookKnows(ctx, nodes)
}

// UntilWebhookKnows waits until the webhook knows the policy, its RuntimeClasses, and as many Windows nodes.
func (s *Stage) UntilWebhookKnows(ctx context.Context, nodes int) error {
	want := map[string]int{
		"mullion_clusterstate_policies":        1,
		"mullion_clusterstate_runtime_classes": runtimeClasses,
		"mullion_clusterstate_windows_nodes":   nodes,
	}
	return Until(ctx, "the webhook knows policy, RuntimeClasses and nodes", func(ctx context.Context) (bool, error) {
		for name, value := range want {
			known, err := s.Webhook().Metric(ctx, name, nil)
			if err != nil || int(known) != value {
				return false, err
			}
		}
		return true, nil
	})
}
