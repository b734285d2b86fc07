package state_test

import (
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestSecretsAreTakenOutOfText(t *testing.T) {
	content := "user: me\ntoken: abcdefgh\n\nok\n"
	short := "token:"
	redact := (&state.Desired{
		Files:     []state.File{{Inline: &content, Secret: true}},
		Variables: []state.Variable{{Value: &short, Secret: true}},
	}).Redactor()
	for text, want := range map[string]string{
		"read token: abcdefgh, ok": "read (secret), ok",
		"token: something else":    "(secret) something else",
		"ok":                       "ok",
	} {
		if got := redact(text); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	if got := (*state.Desired)(nil).Redactor()("text"); got != "text" {
		t.Errorf("got %q", got)
	}
}
