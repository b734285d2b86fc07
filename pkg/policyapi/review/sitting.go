package review

import (
	"context"
	"fmt"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// sitting is the world as one review sees it. It takes the place of the cluster and of the images for a
// [placement.Evaluator], so that admission's own evaluation runs, and answers what is asked again as it did before.
// It is used by one goroutine.
type sitting struct {
	images    Images
	caller    Caller
	snapshot  *policy.Snapshot
	namespace string
	labels    map[string]string

	// known are the answers about images, and order their references in the order in which they were asked.
	known map[string]ImageAnswer
	order []string
	// asked tells that the caller's rights are known, and anonymous that they do not reach the pull secrets.
	asked, anonymous bool
	notes            []string
}

var (
	_ placement.Cluster = (*sitting)(nil)
	_ placement.Images  = (*sitting)(nil)
)

// Snapshot is the same for the whole review.
func (s *sitting) Snapshot() *policy.Snapshot { return s.snapshot }

// NamespaceLabels are the labels of the review's namespace, the only one that is asked for.
func (s *sitting) NamespaceLabels(context.Context, string) (map[string]string, error) {
	return s.labels, nil
}

// Facts asks about the references that have not been asked about yet. The object of a review has not passed the API
// server, so that its service account's pull secrets have not been merged into it, whether it is a pod or not.
func (s *sitting) Facts(ctx context.Context, pod *workload.Pod, references []string, _ bool) map[string]policy.ImageResult {
	var missing []string
	for _, reference := range references {
		if _, known := s.known[reference]; !known {
			missing = append(missing, reference)
		}
	}
	if len(missing) > 0 {
		s.askRights(ctx)
		for reference, answer := range s.images.Ask(ctx, pod, missing, s.anonymous) {
			s.known[reference] = answer
		}
		s.order = append(s.order, missing...)
	}
	facts := make(map[string]policy.ImageResult, len(references))
	for _, reference := range references {
		facts[reference] = s.known[reference].ImageResult
	}
	return facts
}

// askRights finds out whether the caller may have the namespace's pull secrets used. Who cannot be asked about may
// not.
func (s *sitting) askRights(ctx context.Context) {
	if s.asked {
		return
	}
	s.asked = true
	may, err := s.caller.MayReadSecrets(ctx, s.namespace)
	s.anonymous = err != nil || !may
	switch {
	case err != nil:
		s.notes = append(s.notes, fmt.Sprintf(
			"registries were asked without pull secrets, because it could not be found out whether you may read secrets in namespace %s; "+
				"admission uses them", s.namespace))
	case !may:
		s.notes = append(s.notes, fmt.Sprintf(
			"registries were asked without pull secrets, because you may not read secrets in namespace %s; admission uses them", s.namespace))
	}
}

// facts are the answers about images, in the order in which they were asked for.
func (s *sitting) facts() []placementv1alpha1.ImageFacts {
	facts := make([]placementv1alpha1.ImageFacts, len(s.order))
	for i, reference := range s.order {
		facts[i] = factsOf(reference, s.known[reference])
	}
	return facts
}
