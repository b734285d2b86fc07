package inventory

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// fewNodes is up to how many Windows nodes pods are listed node by node. API servers find the pods of a node without
// going through the others.
const fewNodes = 64

// eachPod calls visit with every pod that is bound to one of the fleet's nodes and has not ended. The pod is not to be
// kept.
func eachPod(ctx context.Context, reader client.Reader, fleet *policy.Fleet, visit func(*corev1.Pod) error) error {
	var nodes []string
	for _, build := range fleet.Builds() {
		nodes = append(nodes, fleet.NodesOf(build)...)
	}
	visitPage := func(page *corev1.PodList) error {
		for i := range page.Items {
			if _, known := fleet.BuildOf(page.Items[i].Spec.NodeName); !known {
				continue
			}
			if err := visit(&page.Items[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(nodes) > fewNodes {
		return eachPage(ctx, reader, newPodList, visitPage, selecting(fields.OneTermNotEqualSelector("spec.nodeName", "")))
	}
	for _, node := range nodes {
		if err := eachPage(ctx, reader, newPodList, visitPage, selecting(fields.OneTermEqualSelector("spec.nodeName", node))); err != nil {
			return err
		}
	}
	return nil
}

func newPodList() *corev1.PodList { return &corev1.PodList{} }

// selecting selects pods that have not ended.
func selecting(also fields.Selector) client.ListOption {
	return client.MatchingFieldsSelector{Selector: fields.AndSelectors(also,
		fields.OneTermNotEqualSelector("status.phase", string(corev1.PodSucceeded)),
		fields.OneTermNotEqualSelector("status.phase", string(corev1.PodFailed)),
	)}
}
