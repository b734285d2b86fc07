package windowshost

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

func TestWhatAHostAnswersHasAWord(t *testing.T) {
	kubelet := state.ID{Kind: state.KindService, Name: "kubelet"}
	for sentence, test := range map[string]struct {
		result protocol.Result
		reason string
		says   string
	}{
		"refusals are all told": {
			protocol.Result{Outcome: protocol.OutcomeRefused, Plan: &state.Plan{Refusals: []state.Finding{{Message: "One."}, {Message: "Two."}}}},
			v1alpha1.ReasonRefused, "One. Two.",
		},
		"a refusal without a finding":  {protocol.Result{Outcome: protocol.OutcomeRefused, Error: "another owner"}, v1alpha1.ReasonRefused, "another owner"},
		"somebody else is at work":     {protocol.Result{Outcome: protocol.OutcomeLocked, Error: "held by x"}, v1alpha1.ReasonHostLocked, "held by x"},
		"what was copied is gone":      {protocol.Result{Outcome: protocol.OutcomeContentMissing, Error: "x"}, v1alpha1.ReasonBundleUnavailable, "has lost"},
		"where it failed is told":      {protocol.Result{Outcome: protocol.OutcomeFailed, Failed: &kubelet, Error: "it has ended"}, v1alpha1.ReasonApplyFailed, "service/kubelet: it has ended"},
		"a failure that is nowhere is": {protocol.Result{Outcome: protocol.OutcomeInvalid, Error: "unknown field"}, v1alpha1.ReasonApplyFailed, "unknown field"},
	} {
		err := outcomeError(&test.result)
		if reasonOf(err) != test.reason || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %s: %v", sentence, reasonOf(err), err)
		}
	}
}

func TestWhatGoesWrongHasAWord(t *testing.T) {
	for want, err := range map[string]error{
		v1alpha1.ReasonUnreachable:   fmt.Errorf("asking: %w", context.DeadlineExceeded),
		v1alpha1.ReasonNotAuthorized: &ssh.AuthenticationError{Host: "h"},
		v1alpha1.ReasonInternal:      errors.New("something else"),
		v1alpha1.ReasonRefused:       fmt.Errorf("twice: %w", because(v1alpha1.ReasonRefused, errors.New("x"))),
	} {
		if got := reasonOf(err); got != want {
			t.Errorf("%v is %s and not %s", err, got, want)
		}
	}
	if because(v1alpha1.ReasonRefused, nil) != nil {
		t.Error("nothing has a reason")
	}
}

func TestWhatIsASentenceIsMadeNoneAgain(t *testing.T) {
	for clause, want := range map[string]string{
		"":                 "",
		"one pod is left":  "One pod is left.",
		"One pod is left.": "One pod is left.",
	} {
		if got := sentence(clause); got != want {
			t.Errorf("of %q is made %q and not %q", clause, got, want)
		}
	}
}

func TestATextThatIsTooLongIsCutBetweenCharacters(t *testing.T) {
	text := strings.Repeat("ä", 100)
	for limit := 10; limit < 20; limit++ {
		got := shortened(text, limit)
		if len(got) > limit || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
			t.Errorf("limit %d: %q", limit, got)
		}
	}
	if got := shortened("short", 5); got != "short" {
		t.Errorf("got %q", got)
	}
}

func TestThePauseBetweenAttemptsDoublesUpToTwoMinutes(t *testing.T) {
	for attempts, want := range map[int32]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 5: 80 * time.Second, 6: 2 * time.Minute, 1000: 2 * time.Minute} {
		if got := backoff(attempts); got != want {
			t.Errorf("after %d attempts: %v and not %v", attempts, got, want)
		}
	}
}

func TestAPlanInTheStatusHasBounds(t *testing.T) {
	plan := &state.Plan{}
	for i := range 100 {
		plan.Actions = append(plan.Actions, state.Action{Verb: state.VerbCreate, ID: state.ID{Kind: state.KindFile, Name: fmt.Sprint(i)}})
		plan.Refusals = append(plan.Refusals, state.Finding{Message: "x"})
	}
	shown := hostPlan(plan, "d")
	if shown.Total != 100 || len(shown.Actions) != v1alpha1.MaxPlannedActions || len(shown.Refusals) != 16 || shown.Digest != "d" {
		t.Errorf("got %d of %d actions and %d refusals", len(shown.Actions), shown.Total, len(shown.Refusals))
	}
	if hostPlan(&state.Plan{}, "d") != nil {
		t.Error("nothing to do is shown as a plan")
	}
}

func TestANameThatIsTooLongIsCutToOne(t *testing.T) {
	config := newConfig(strings.Repeat("a", 49)+"-"+strings.Repeat("b", 200), "v1.37.2")
	revision, err := newRevision(namespace, config)
	if err != nil {
		t.Fatal(err)
	}
	if len(revision.Name) > 63 || strings.Contains(revision.Name, "--") || len(revision.Labels[labelNodeConfig]) > 63 {
		t.Errorf("got %s, labelled %s", revision.Name, revision.Labels[labelNodeConfig])
	}
	if revision.Annotations[labelNodeConfig] != config.Name {
		t.Error("the whole name is lost")
	}
}
