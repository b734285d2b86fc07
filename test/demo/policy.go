package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

// patience bounds what takes a second or two on an idle machine.
const patience = 60 * time.Second

// applyPolicy applies the policy and waits until it is in force, as the node manager says in its status.
func (s *stage) applyPolicy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	policy, err := story.ReadFile(policyFile)
	if err != nil {
		return fmt.Errorf("reading the story: %w", err)
	}
	if _, err := s.cluster.Kubectl(ctx, bytes.NewReader(policy), "apply", "-f", "-"); err != nil {
		return fmt.Errorf("applying the policy: %w", err)
	}
	if _, err := s.cluster.Kubectl(ctx, nil, "wait", "--for=condition=Ready", "--timeout="+patience.String(), "wbp", "--all"); err != nil {
		return fmt.Errorf("waiting for the policy to be in force: %w", err)
	}
	return nil
}

// untilWebhooksKnow waits until the webhooks know the policy, and the nodes as they are by now. How many nodes they know does
// not tell whether they know that the last of them takes pods. So there is one more for a moment: they learn of changes in
// their order, and who knows of that one knows of all before.
func (s *stage) untilWebhooksKnow(ctx context.Context) error {
	added, err := s.cluster.Nodes.Add(ctx, hollow.NodeSpec{Name: "passing", Build: build2019})
	if err != nil {
		return fmt.Errorf("adding a node: %w", err)
	}
	if err := s.until(ctx, "the webhooks know the policy and the nodes", s.webhooksKnow(len(fleet())+1)); err != nil {
		return err
	}
	if err := added[0].Remove(ctx); err != nil {
		return err
	}
	return s.until(ctx, "the webhooks know that a node has gone", s.webhooksKnow(len(fleet())))
}

// webhooksKnow tells whether every webhook knows the policy, and so many Windows nodes.
func (s *stage) webhooksKnow(nodes int) func(context.Context) (bool, error) {
	want := map[string]int{"mullion_clusterstate_policies": 1, "mullion_clusterstate_windows_nodes": nodes}
	return func(ctx context.Context) (bool, error) {
		for _, webhook := range s.installation.Webhooks {
			for name, value := range want {
				known, err := webhook.Metric(ctx, name, nil)
				if err != nil || int(known) != value {
					return false, err
				}
			}
		}
		return true, nil
	}
}

// makeNamespace makes the namespace of the workloads and waits until pods may be created in it.
func (s *stage) makeNamespace(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := s.client.CoreV1().Namespaces().Create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("making namespace %s: %w", namespace, err)
	}
	return s.until(ctx, "namespace "+namespace+" has its service account", func(ctx context.Context) (bool, error) {
		_, err := s.client.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	})
}

// until waits until a condition holds. A condition that returns an error ends it.
func (s *stage) until(ctx context.Context, what string, holds func(context.Context) (bool, error)) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		done, err := holds(ctx)
		if err != nil {
			return fmt.Errorf("waiting until %s: %w", what, err)
		}
		if done {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, context.Cause(ctx))
		}
	}
}
