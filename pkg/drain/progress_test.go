package drain

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestTheSentenceAboutADrain(t *testing.T) {
	stays := func(n int) []Blocker {
		return []Blocker{
			{"shop", "a", ReasonBudget, "one"}, {"shop", "b", ReasonBudget, "two"}, {"shop", "c", ReasonBudget, "three"},
			{"shop", "d", ReasonBudget, "four"}, {"shop", "e", ReasonBudget, "five"},
		}[:n]
	}
	for want, progress := range map[string]Progress{
		"no pod is left that has to go":          {Done: true},
		"1 pod is left":                          {Left: 1},
		"7 pods are left":                        {Left: 7},
		"2 pods are left; pod shop/a stays: one": {Left: 2, Blocked: stays(1)},
		"the time for draining is over, and 1 pod is left; pod shop/a stays: one":                                 {Left: 1, TimedOut: true, Blocked: stays(1)},
		"5 pods are left; pod shop/a stays: one; pod shop/b stays: two; pod shop/c stays: three; and 2 more stay": {Left: 5, Blocked: stays(5)},
	} {
		if diff := cmp.Diff(want, progress.Message()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestOptionsAreThoseOfThePolicy(t *testing.T) {
	for sentence, c := range map[string]struct {
		policy v1alpha1.DrainPolicy
		want   Options
	}{
		"with the API's defaults": {want: Options{Since: begin, Timeout: 30 * time.Minute, DeleteEmptyDirData: true}},
		"as it says": {
			policy: v1alpha1.DrainPolicy{
				Timeout: &metav1.Duration{Duration: time.Hour}, DeleteEmptyDirData: ptr.To(false), UnmanagedPods: v1alpha1.UnmanagedPodsDelete,
			},
			want: Options{Since: begin, Timeout: time.Hour, UnmanagedPods: v1alpha1.UnmanagedPodsDelete},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if diff := cmp.Diff(c.want, OptionsOf(&c.policy, begin)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
