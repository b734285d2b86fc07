package rollout

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAClaimTellsForWhatAHostWaitsAndSinceWhen(t *testing.T) {
	ask := Ask{Reason: v1alpha1.DisruptionChange, Digest: "sha256:1"}
	refused := Decision{Reason: v1alpha1.ReasonAwaitingTurn, Message: "Waits."}
	first, later := metav1.NewTime(now), metav1.NewTime(now.Add(time.Hour))
	claim := Claim(ask, refused, nil, first)
	want := &v1alpha1.HostClaim{Reason: "Change", Digest: "sha256:1", Since: first, Refusal: "AwaitingTurn", Message: "Waits."}
	if diff := cmp.Diff(want, claim); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := Claim(ask, refused, claim, later); !again.Since.Equal(&first) {
		t.Errorf("who asks again waits since %v", again.Since)
	}
	ask.Reason = v1alpha1.DisruptionReboot
	if other := Claim(ask, refused, claim, later); !other.Since.Equal(&later) {
		t.Errorf("who asks for something else waits since %v", other.Since)
	}
	if granted := Claim(ask, Decision{May: true}, claim, later); granted != nil {
		t.Errorf("who may go waits for %+v", granted)
	}
}

func TestAMessageIsCutToWhatAClaimHasRoomFor(t *testing.T) {
	for _, message := range []string{strings.Repeat("ü", 600), strings.Repeat("x", 1025), strings.Repeat("x", 1023) + "ü"} {
		got := Claim(Ask{}, Decision{Message: message}, nil, metav1.NewTime(now)).Message
		if len(got) > 1024 || len(got) < 1020 || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
			t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-5:])
		}
	}
	if got := truncated(strings.Repeat("x", 1024), 1024); len(got) != 1024 {
		t.Errorf("what fits is cut to %d bytes", len(got))
	}
}
