package demohost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	hostcommand "github.com/mullion-dev/mullion/cmd/kubectl-mullion/host"
	"github.com/mullion-dev/mullion/test/demo/terminal"
)

// kubectl runs a subcommand of kubectl mullion host, in this process, and returns what it wrote. An exit code other than
// the expected one is an error.
func (d *demonstration) kubectl(ctx context.Context, h *host, code int, subcommand string, args ...string) (string, error) {
	var out, errOut bytes.Buffer
	cmd := hostcommand.NewCommand(genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut}) //nolint:contextcheck // It gets it when it is executed.
	cmd.SetOut(&out)
	cmd.SetErr(&errOut)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(append([]string{
		subcommand, "--address", h.Address(), "--key", h.key, "--host-key", h.HostKeyFingerprint(), "--agent", d.path(agentFile),
	}, args...))
	err := cmd.ExecuteContext(ctx)
	if got := exit.Code(err); got != code {
		return "", errors.Join(fmt.Errorf("kubectl mullion host %s ended with exit code %d instead of %d:\n%s%s", subcommand, got, code, &out, &errOut), err)
	}
	return out.String(), nil
}

// shall are the flags that say what a host shall be.
func (d *demonstration) shall(args ...string) []string {
	return append([]string{"--desired", d.path(desiredName), "--content", d.path(contentName)}, args...)
}

// prompt shows a command as somebody would type it, without what says how to get to the host.
func (d *demonstration) prompt(h *host, subcommand string, args ...string) {
	line := fmt.Sprintf("kubectl mullion host %s --address %s …", subcommand, h.Hostname())
	for _, arg := range args {
		line += " " + strings.TrimPrefix(arg, d.folder+"/")
	}
	d.term.Print("\n" + d.term.Paint(terminal.Bold, "$ "+line) + "\n")
}

// show shows what a command wrote.
func (d *demonstration) show(text string) {
	for line := range strings.Lines(text) {
		d.term.Print(d.term.Paint(styleOf(line), "  "+line))
	}
}

// styleOf is that of a line of a plan, by the sign that it begins with.
func styleOf(line string) terminal.Style {
	switch line[0] {
	case '+':
		return terminal.Green
	case '-', '!':
		return terminal.Red
	case '~':
		return terminal.Yellow
	default:
		return terminal.Plain
	}
}
