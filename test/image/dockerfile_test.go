package image_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/image"
)

func TestWhatIsNotVerifiedIsRefused(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"an instruction that nobody looks at":  {"FROM scratch AS a\nHEALTHCHECK NONE", "line 2: HEALTHCHECK is not verified here"},
		"a stage without a name":               {"FROM scratch", "want IMAGE AS NAME"},
		"an instruction without a stage":       {"# comment\nUSER 1:1", "line 2: USER before FROM"},
		"an entry point that needs a shell":    {"FROM scratch AS a\nENTRYPOINT /program", "has to be a JSON list"},
		"a copy that changes owner":            {"FROM scratch AS a\nCOPY --chown=0 a b", "want [--from=STAGE] SOURCE... TARGET"},
		"a copy from nowhere":                  {"FROM scratch AS a\nCOPY a", "want [--from=STAGE] SOURCE... TARGET"},
		"an instruction over more than a line": {"FROM scratch AS a\nRUN go build \\\n  ./cmd/webhook", "./cmd/webhook is not verified here"},
	}
	for sentence, test := range tests {
		t.Run(sentence, func(t *testing.T) {
			_, err := image.ParseDockerfile(strings.NewReader(test.file))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v: want one that says %q", err, test.want)
			}
		})
	}
}
