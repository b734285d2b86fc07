package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/mullion-dev/mullion/test/winhost"
)

type startOptions struct {
	builds   []string
	shell    string
	lifetime time.Duration
}

func newStartCommand() *cobra.Command {
	var o startOptions
	cmd := &cobra.Command{
		Use:     "start",
		Short:   "Run hosts until interrupted",
		Example: "  winhost start --builds 10.0.17763,10.0.20348",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.builds, "builds", []string{"10.0.20348"}, "a host for each of these builds")
	flags.StringVar(&o.shell, "default-shell", "", "what runs the commands of SSH (default: cmd.exe)")
	flags.DurationVar(&o.lifetime, "lifetime", 24*time.Hour, "how long hosts live at most")
	return cmd
}

func (o *startOptions) run(ctx context.Context, out, log io.Writer) (err error) {
	if _, err := winhost.Setup(ctx, winhost.SetupOptions{Install: true, Log: log}); err != nil {
		return err
	}
	keys, err := os.MkdirTemp("", "winhost-keys-")
	if err != nil {
		return fmt.Errorf("making a folder for keys: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(keys)) }()

	hosts := make([]*winhost.Host, len(o.builds))
	defer func() {
		for _, host := range hosts {
			if host != nil {
				err = errors.Join(err, host.Close())
			}
		}
	}()
	starts, starting := errgroup.WithContext(ctx)
	for i, build := range o.builds {
		starts.Go(func() (err error) {
			hosts[i], err = winhost.Start(starting, winhost.Options{
				Build: build, DefaultShell: o.shell, Lifetime: o.lifetime, Log: log,
			})
			return err
		})
	}
	if err := starts.Wait(); err != nil {
		return err
	}
	for i, host := range hosts {
		if err := introduce(out, host, o.builds[i], keys); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintln(out, "\nInterrupt (Ctrl-C) to end them."); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// introduce prints how to log on.
func introduce(out io.Writer, host *winhost.Host, build, keys string) error {
	key := filepath.Join(keys, host.Hostname())
	if err := os.WriteFile(key, host.KeyFile(), 0o600); err != nil {
		return fmt.Errorf("keeping the key of a host: %w", err)
	}
	_, port, err := net.SplitHostPort(host.Address())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s, Windows %s, host key %s:\n  ssh -i %s -p %s %s@%s\n",
		host.Hostname(), build, host.HostKeyFingerprint(), key, port, host.User(), host.IP())
	return err
}
