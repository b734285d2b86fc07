package demohost

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/test/demo/terminal"
)

// configFile is the one that is broken.
const configFile = `C:\demo\containerd.toml`

// meet shows what the hosts are.
func (d *demonstration) meet(ctx context.Context) error {
	d.title("What is there?", "Our agent is brought to the host, by SSH, and asked. Nothing stays running there.")
	first := d.hosts[0]
	d.prompt(first, "facts")
	out, err := d.kubectl(ctx, first, exit.OK, "facts")
	d.show(out)
	return err
}

// plan shows what would be done.
func (d *demonstration) plan(ctx context.Context) error {
	d.title("What would have to be done?", "Nothing is changed yet. The exit code is that of diff: 1, for there is something to do.")
	first := d.hosts[0]
	d.prompt(first, "plan", d.shall()...)
	out, err := d.kubectl(ctx, first, exit.Findings, "plan", d.shall()...)
	if err != nil {
		return err
	}
	d.show(out)
	if !strings.Contains(out, "service/containerd") {
		return errors.New("the plan has no service containerd")
	}
	return nil
}

// apply does it, on all hosts at once.
func (d *demonstration) apply(ctx context.Context) error {
	d.title("Do it, on both hosts.", "The plan is printed again, done, and the result verified. Applying again does nothing.")
	return d.term.Do(ctx, terminal.Step{
		Doing: "Applying", Hint: "43 MiB are uploaded to each host and verified there, and each file is put in its place in one step.",
	}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
		err := d.each(ctx, func(ctx context.Context, h *host) error {
			began := time.Now()
			out, err := d.kubectl(ctx, h, exit.OK, "apply", d.shall("--yes")...)
			h.applied = time.Since(began)
			return errors.Join(err, contains(out, err, "Verified: the host is as desired."))
		})
		if err != nil {
			return "", err
		}
		began := time.Now()
		out, err := d.kubectl(ctx, d.hosts[0], exit.OK, "apply", d.shall()...)
		return fmt.Sprintf("Both hosts are configured, in %s and %s; the second time it took %s and changed nothing",
				round(d.hosts[0].applied), round(d.hosts[1].applied), round(time.Since(began))),
			errors.Join(err, contains(out, err, "Applied: 0 actions."))
	})
}

// use looks whether the services serve.
func (d *demonstration) use(ctx context.Context) error {
	d.title("Do the services run?", "Windows' own sc.exe is asked, and the services themselves: one for metrics, the other for its log.")
	table := make([][]terminal.Cell, 0, 2*len(d.hosts))
	for _, h := range d.hosts {
		for _, service := range []string{"containerd", "windows_exporter"} {
			state, err := h.serviceState(ctx, service)
			if err == nil && state != "RUNNING" {
				err = fmt.Errorf("%s: service %s is %s", h.Hostname(), service, state)
			}
			if err != nil {
				return err
			}
			said, err := h.proof(ctx, service)
			if err != nil {
				return err
			}
			table = append(table, []terminal.Cell{{Text: h.Hostname()}, {Text: h.build}, {Text: service}, {Text: state, Style: terminal.Green}, {Text: said}})
		}
	}
	d.term.Print("\n" + d.term.Table([]string{"HOST", "BUILD", "SERVICE", "STATE", "IT SAYS"}, table))
	return nil
}

// breakThings does what happens to hosts.
func (d *demonstration) breakThings(ctx context.Context) error {
	second := d.hosts[1]
	d.title("Break it.", "On "+second.Hostname()+" somebody edits a configuration file, and stops a service.")
	config, err := second.ReadFile(configFile)
	if err != nil {
		return err
	}
	if err := second.WriteFile(configFile, append(config, "oom_score = -999 # tuned by hand\n"...)); err != nil {
		return err
	}
	switch result, err := second.Exec(ctx, "sc.exe stop windows_exporter"); {
	case err != nil:
		return err
	case result.ExitCode != 0:
		return fmt.Errorf("stopping a service: %s", result.Stdout)
	}
	d.prompt(second, "verify")
	out, err := d.kubectl(ctx, second, exit.Findings, "verify")
	d.show(out)
	return errors.Join(err, contains(out, err, `update  file/`+configFile), contains(out, err, "start   service/windows_exporter"))
}

// repair makes the host what it should be.
func (d *demonstration) repair(ctx context.Context) error {
	second := d.hosts[1]
	d.title("Repair it.", "Applying again is the repair: only what differs is touched, and what depends on it.")
	d.prompt(second, "apply", d.shall("--yes")...)
	out, err := d.kubectl(ctx, second, exit.OK, "apply", d.shall("--yes")...)
	d.show(out)
	if err != nil {
		return err
	}
	_, err = second.proof(ctx, "windows_exporter")
	return errors.Join(err, contains(out, err, "Verified: the host is as desired."))
}

// giveBack takes everything away, and compares.
func (d *demonstration) giveBack(ctx context.Context) error {
	d.title("Give the hosts back.", "What was made goes, what was replaced returns, the agent goes last. Then each host is compared with its snapshot.")
	first := d.hosts[0]
	d.prompt(first, "remove", "--yes")
	for _, h := range d.hosts {
		out, err := d.kubectl(ctx, h, exit.OK, "remove", "--yes")
		if err != nil {
			return err
		}
		if h == first {
			d.show(out)
		}
	}
	return d.each(ctx, func(ctx context.Context, h *host) error {
		after, err := h.snapshot(ctx)
		if err != nil {
			return err
		}
		return h.before.compare(after)
	})
}

// contains is an error if a text lacks another, unless something went wrong before.
func contains(text string, before error, part string) error {
	if before == nil && !strings.Contains(text, part) {
		return fmt.Errorf("there is no %q in:\n%s", part, text)
	}
	return nil
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
