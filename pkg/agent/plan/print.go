package plan

import (
	"fmt"
	"io"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Print writes a plan for people: what is in the way, what has to be uploaded, then one line for each action with
// its changes below. It shows nothing that the plan does not have, so nothing secret.
func Print(to io.Writer, plan state.Plan) error {
	var text strings.Builder
	for _, refusal := range plan.Refusals {
		fmt.Fprintf(&text, "! %s\n", refusal.Message)
	}
	for _, content := range plan.Missing {
		fmt.Fprintf(&text, "^ upload %s (%s)\n", showDigest(content.SHA256), showSize(content.Size))
	}
	for _, action := range plan.Actions {
		printAction(&text, action)
	}
	for _, reason := range plan.RebootRequired {
		fmt.Fprintf(&text, "# Waits for a reboot: %s\n", reason)
	}
	for _, note := range plan.Notes {
		fmt.Fprintf(&text, "# %s\n", note)
	}
	if plan.Empty() {
		text.WriteString("The host is as desired.\n")
	}
	_, err := io.WriteString(to, text.String())
	return err
}

// showSize is a size as people compare sizes: to a tenth of a mebibyte, and exactly where that would be nothing.
func showSize(bytes int64) string {
	const mebibyte = 1 << 20
	if bytes < mebibyte/10 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/mebibyte)
}

func printAction(text *strings.Builder, action state.Action) {
	fmt.Fprintf(text, "%s %-7s %s: %s%s\n", sign(action.Verb), action.Verb, action.ID, action.Reason, flags(action))
	for _, change := range action.Changes {
		switch {
		case change.From == "":
			fmt.Fprintf(text, "    %s: %s\n", change.Field, change.To)
		case change.To == "":
			fmt.Fprintf(text, "    %s: no longer %s\n", change.Field, change.From)
		default:
			fmt.Fprintf(text, "    %s: %s -> %s\n", change.Field, change.From, change.To)
		}
	}
}

func sign(verb state.Verb) string {
	switch verb {
	case state.VerbCreate:
		return "+"
	case state.VerbDelete, state.VerbForget:
		return "-"
	default:
		return "~"
	}
}

func flags(action state.Action) string {
	var flags []string
	if action.Disruptive {
		flags = append(flags, "disruptive")
	}
	if action.Reboot {
		flags = append(flags, "needs a reboot")
	}
	if action.AfterReboot {
		flags = append(flags, "after the reboot")
	}
	if len(flags) == 0 {
		return ""
	}
	return " (" + strings.Join(flags, ", ") + ")"
}
