package demohost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/mullion-dev/mullion/test/demo/terminal"
	"github.com/mullion-dev/mullion/test/winhost"
)

// The files in the demonstration's folder.
const (
	agentFile   = "mullion-agent.exe"
	desiredName = "desired.yaml"
	contentName = "content"
)

// setUp does what comes before the story.
func (d *demonstration) setUp(ctx context.Context) error {
	var err error
	if d.folder, err = os.MkdirTemp("", "demo-host-"); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	for _, step := range []struct {
		terminal.Step
		do func(context.Context, *terminal.Detail) (string, error)
	}{
		{terminal.Step{
			Doing: "Preparing Windows hosts",
			Hint: "Once only, about a minute: Wine, which runs programs for Windows, is downloaded from Debian into .cache, beside " +
				"this machine's own system. A cross compiler for what Wine lacks is installed if it is missing.",
			Repeated: "winhost: ",
		}, func(ctx context.Context, detail *terminal.Detail) (string, error) {
			_, err := winhost.Setup(ctx, winhost.SetupOptions{Root: d.options.Root, Install: d.options.Install, Log: detail})
			return "Windows hosts can be had", err
		}},
		{terminal.Step{
			Doing: "Building the programs",
			Hint:  "Mullion's agent, and the real containerd from its Go module, which takes minutes the first time.",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			return "The agent, the real containerd and a stand-in for windows_exporter are built, for Windows", d.build(ctx)
		}},
		{terminal.Step{
			Doing: "Starting hosts",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			return fmt.Sprintf("%d bare hosts are up: %s", len(builds()), strings.Join(builds(), ", ")), d.start(ctx)
		}},
		{terminal.Step{
			Doing: "Noting what each host has on it",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			return "A snapshot of each is taken, to compare with at the end", d.each(ctx, func(ctx context.Context, h *host) (err error) {
				h.before, err = h.snapshot(ctx)
				return err
			})
		}},
	} {
		if err := d.term.Do(ctx, step.Step, step.do); err != nil {
			return err
		}
	}
	return nil
}

// build fills the folder.
func (d *demonstration) build(ctx context.Context) error {
	var repository string
	for _, program := range []string{"containerd.exe", "windows_exporter.exe"} {
		built, err := winhost.BuildNodeProgram(ctx, d.options.Root, program)
		if err != nil {
			return err
		}
		repository = filepath.Dir(filepath.Dir(filepath.Dir(built))) // It is in .cache/winhost-node.
		if err := copyFile(built, d.path(contentName, program)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(d.path(desiredName), desiredFile, 0o600); err != nil {
		return err
	}
	return winhost.BuildProgram(ctx, repository, "./cmd/hostagent", d.path(agentFile))
}

func (d *demonstration) path(names ...string) string {
	return filepath.Join(append([]string{d.folder}, names...)...)
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from) //nolint:gosec // What was just built.
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600) //nolint:gosec // In a folder of the demonstration.
}

func (d *demonstration) start(ctx context.Context) error {
	d.hosts = make([]*host, len(builds()))
	starts, starting := errgroup.WithContext(ctx)
	for i, build := range builds() {
		starts.Go(func() error {
			machine, err := winhost.Start(starting, winhost.Options{
				Build: build, Hostname: "WIN-" + build[strings.LastIndex(build, ".")+1:], Root: d.options.Root,
			})
			if err != nil {
				return err
			}
			d.hosts[i] = &host{Host: machine, build: build, key: d.path(machine.Hostname() + ".key")}
			return os.WriteFile(d.hosts[i].key, machine.KeyFile(), 0o600)
		})
	}
	return starts.Wait()
}

// close ends everything.
func (d *demonstration) close() error {
	var errs []error
	for _, h := range d.hosts {
		if h != nil {
			errs = append(errs, h.Close())
		}
	}
	if d.folder != "" {
		errs = append(errs, os.RemoveAll(d.folder))
	}
	return errors.Join(errs...)
}

// each does something with all hosts at once.
func (d *demonstration) each(ctx context.Context, do func(context.Context, *host) error) error {
	all, ctx := errgroup.WithContext(ctx)
	for _, h := range d.hosts {
		all.Go(func() error {
			if err := do(ctx, h); err != nil {
				return fmt.Errorf("%s: %w", h.Hostname(), err)
			}
			return nil
		})
	}
	return all.Wait()
}
