// Command demo builds the demonstration and becomes it. It is apart from what it builds because it compiles in
// seconds, and can say what is going on during the minutes that the rest takes for the first time.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/mullion-dev/mullion/test/demo/terminal"
)

// executable is where the demonstration is built, relative to the repository.
const executable = ".cache/bin/demo-stage"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "\n%v\n", err)
		os.Exit(1) //nolint:gocritic // The process ends: its signal handler goes with it.
	}
}

func run(ctx context.Context) error {
	term := terminal.New(os.Stdout)
	term.Print("\n" + term.Paint(terminal.Bold, "Mullion: Windows pods on nodes that can run them") + "\n")
	term.Print(term.Paint(terminal.Dim, terminal.Wrap("A real Kubernetes control plane on this machine, and Windows hosts under Wine that become its nodes. Where "+
		"there can be none, because that takes root and Debian, nodes are only objects. Everything ends with this command.", term.Width(), "")) + "\n")
	err := term.Do(ctx, terminal.Step{
		Doing: "Building the demonstration",
		Hint:  "Once only: the Kubernetes client libraries are compiled, which takes a minute or two on two cores.",
	}, build)
	if err != nil {
		return err
	}
	path, err := filepath.Abs(executable)
	if err != nil {
		return fmt.Errorf("finding the demonstration: %w", err)
	}
	// Becoming it, instead of running it, leaves it the terminal, the signals and the exit status.
	if err := syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ()); err != nil { //nolint:gosec // What was just built.
		return fmt.Errorf("running the demonstration: %w", err)
	}
	return nil
}

func build(ctx context.Context, _ *terminal.Detail) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", executable, "./test/cmd/demo-stage")
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the demonstration: %w\n%s\nRun this in the repository's folder, with Go 1.26 or newer and access to a Go module proxy", err, output)
	}
	return "The demonstration is built", nil
}
