package demohost

import (
	"context"
	_ "embed"
	"errors"
	"io"

	"github.com/mullion-dev/mullion/test/demo/terminal"
)

// Options say how the demonstration is given.
type Options struct {
	// Out is where a person reads it. A terminal gets colour and moving progress.
	Out io.Writer
	// Root is the repository's folder. When empty it is searched upwards from the working directory.
	Root string
	// Install permits to install missing Debian packages on this machine, which is said before.
	Install bool
}

// builds are those of the hosts: the oldest that can be a node, and the newest.
func builds() []string { return []string{"10.0.17763", "10.0.26100"} }

// desiredFile is what both hosts shall be.
//
//go:embed desired.yaml
var desiredFile []byte

// Run gives the demonstration. The error says what could not be done, or what came out otherwise than it should; it is
// a winhost.UnavailableError where this machine cannot have hosts. Nothing that it started is left when it returns.
func Run(ctx context.Context, o Options) (err error) {
	d := &demonstration{term: terminal.New(o.Out), options: o}
	defer func() { err = errors.Join(err, d.close()) }()
	for _, act := range []func(context.Context) error{
		d.setUp, d.meet, d.plan, d.apply, d.use, d.breakThings, d.repair, d.giveBack,
	} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	d.term.Print("\n" + d.term.Paint(terminal.Green, "Both hosts are what they were before: every file, service and variable.\n"))
	return nil
}

// demonstration is one performance.
type demonstration struct {
	term    *terminal.Terminal
	options Options
	// folder has what a user would have: the agent, the desired state, contents and keys.
	folder string
	hosts  []*host
}

// title begins an act.
func (d *demonstration) title(text, idea string) {
	d.term.Print("\n" + d.term.Paint(terminal.Bold, text) + "\n")
	d.term.Print(d.term.Paint(terminal.Dim, terminal.Wrap(idea, d.term.Width(), "")))
}
