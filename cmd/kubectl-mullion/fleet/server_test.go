package fleet

import (
	"context"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// reviewerFunc answers every question.
type reviewerFunc func() *placementv1alpha1.PlacementReview

func (f reviewerFunc) Create(context.Context, *placementv1alpha1.PlacementReview) (*placementv1alpha1.PlacementReview, error) {
	return f(), nil
}

func podOf(namespace string) *workload.Pod {
	return &workload.Pod{Metadata: workload.Metadata{Namespace: namespace}}
}
