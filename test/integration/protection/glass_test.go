package protection_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestWhileTheGlassIsBrokenThoseWhoMayBreakItChangeANodeAndNobodyElse(t *testing.T) {
	ctx := testContext(t)
	const glass = `{"metadata":{"annotations":{"mullion.dev/break-glass":null}}}`
	for _, step := range []struct {
		who, does string
		change    string
		refused   bool
	}{
		{"on call", "changes the build before", anotherBuild, true},
		{"on call", "breaks the glass", breakGlass, false},
		{"on call", "changes the build", anotherBuild, false},
		{"on call", "changes the taint", otherTaintOS, false},
		{"operator", "changes the build", noBuild, true},
		{"operator", "puts the glass back", glass, true},
		{"on call", "puts the glass back", glass, false},
		{"on call", "changes the build after", noBuild, true},
	} {
		_, err := patch(ctx, shared.people[step.who], spare, "", step.change, metav1.PatchOptions{})
		switch {
		case step.refused && !isRefused(err):
			t.Errorf("%s %s: got %v, want a refusal", step.who, step.does, err)
		case !step.refused && err != nil:
			t.Errorf("%s %s: %v", step.who, step.does, err)
		}
	}
}
