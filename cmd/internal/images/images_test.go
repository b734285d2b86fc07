package images

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestOnlyARefusalIsExplainedByCredentialsThatWereLeftOut(t *testing.T) {
	refused := &policy.ImageProblem{Reason: policy.ImageUnauthorized, Message: "the registry refused"}
	absent := &policy.ImageProblem{Reason: policy.ImageNotFound, Message: "the registry has no such image"}
	facts := map[string]policy.ImageResult{"a": {Problem: refused}, "b": {Problem: absent}, "c": {Image: &policy.Image{}}}
	explain(facts, []string{"secret x is not used: it does not exist"})

	want := map[string]policy.ImageResult{
		"a": {Problem: &policy.ImageProblem{
			Reason: policy.ImageUnauthorized, Message: "the registry refused; secret x is not used: it does not exist",
		}},
		"b": {Problem: absent},
		"c": {Image: &policy.Image{}},
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if refused.Message != "the registry refused" {
		t.Error("a problem that others may share was changed")
	}
}
