package explain

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/metadata"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
)

// noPolicies says of a cluster without any policy that it has none: that no policy is in force for an object may have
// that reason or another, and the answer does not tell which.
func noPolicies(ctx context.Context, target *cluster.Cluster, answers []answer) {
	unruled := func(a answer) bool { return a.Status.Policy == "" }
	if !slices.ContainsFunc(answers, unruled) {
		return
	}
	client, err := metadata.NewForConfig(target.Config())
	if err != nil {
		return
	}
	policies := client.Resource(v1alpha1.SchemeGroupVersion.WithResource("windowsbuildpolicies"))
	list, err := policies.List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil || len(list.Items) > 0 {
		return // Who may not list policies is told the rest of the answer all the same.
	}
	for i := range answers {
		if unruled(answers[i]) {
			answers[i].notes = append(answers[i].notes, "The cluster has no WindowsBuildPolicy, so nothing is refused or changed.")
		}
	}
}
