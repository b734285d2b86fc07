package host

import (
	"testing"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

func TestTheHelpIsAsReviewed(t *testing.T) {
	for file, args := range map[string][]string{
		"help.txt": {"--help"}, "help-apply.txt": {"apply", "--help"}, "help-remove.txt": {"remove", "--help"},
	} {
		commandtest.Golden(t, file, execute(t.Context(), "", args...).expect(t, exit.OK).out)
	}
}
