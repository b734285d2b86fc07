package readiness

import (
	"errors"
	"net/http"
	"testing"

	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
)

func TestACheckIsLoggedWhenItsAnswerChanges(t *testing.T) {
	var lines []string
	log := funcr.New(func(_, line string) { lines = append(lines, line) }, funcr.Options{})
	var answer error
	check := logged(log, func(*http.Request) error { return answer })

	waiting, expired := errors.New("waiting for nodes"), errors.New("the certificate has expired")
	for _, answer = range []error{waiting, waiting, nil, nil, expired, nil} {
		if err := check(nil); !errors.Is(err, answer) {
			t.Errorf("answered %v, want %v", err, answer)
		}
	}
	want := []string{
		`"level"=0 "msg"="not ready" "why"="waiting for nodes"`,
		`"level"=0 "msg"="ready"`,
		`"level"=0 "msg"="not ready" "why"="the certificate has expired"`,
		`"level"=0 "msg"="ready"`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}
