package outage_test

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestTheOtherNodeManagerTakesOver(t *testing.T) {
	scene := shared.NewScene(t)
	leases := shared.Kube.CoordinationV1().Leases("mullion-system")
	holder := func(ctx context.Context) (string, error) {
		lease, err := leases.Get(ctx, "mullion-nodemanager", metav1.GetOptions{})
		if err != nil || lease.Spec.HolderIdentity == nil {
			return "", err
		}
		return *lease.Spec.HolderIdentity, nil
	}
	first, err := holder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Which of the two is the leader cannot be told from outside: each stops once, so the leader has, too.
	for _, replica := range shared.Mullion.NodeManagers {
		replica.Stop(t.Context())
		t.Cleanup(func() { restart(t, replica) })
		scene.Eventually("a replica that runs is the leader", func(ctx context.Context) (bool, error) {
			now, err := holder(ctx)
			return err == nil && now != "", err
		})
		restart(t, replica)
	}
	scene.Eventually("the leader is another one", func(ctx context.Context) (bool, error) {
		now, err := holder(ctx)
		return now != "" && now != first, err
	})
	policy := scene.GivenBuilds(ws2022)
	scene.DeletePolicy(policy)
}
