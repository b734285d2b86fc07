package exit_test

import (
	"errors"
	"testing"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
)

func TestExitCodesTellTheAnswerNoFromNoAnswer(t *testing.T) {
	for sentence, c := range map[string]struct {
		err  error
		want int
	}{
		"nothing to object to":                   {nil, 0},
		"findings":                               {exit.ErrFindings, 1},
		"a failure":                              {errors.New("no cluster"), 2},
		"a failure beside findings is a failure": {errors.Join(exit.ErrFindings, errors.New("no cluster")), 2},
	} {
		if got := exit.Code(c.err); got != c.want {
			t.Errorf("%s: %d, want %d", sentence, got, c.want)
		}
	}
}
