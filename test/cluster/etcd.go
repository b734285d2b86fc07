package main

import (
	"context"
	"fmt"
	"net/url"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// etcdStartTimeout bounds how long a single-member etcd may take to elect itself.
const etcdStartTimeout = 30 * time.Second

type etcdOptions struct {
	dataDir   string
	clientURL string
	peerURL   string
}

// newEtcdCommand runs a single etcd member that trades durability for speed: it never fsyncs, because
// its data directory does not outlive the test or the demonstration that made it.
func newEtcdCommand() *cobra.Command {
	var o etcdOptions
	cmd := &cobra.Command{
		Use:          "etcd",
		Short:        "Run a single etcd member on plain HTTP",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return o.run(ctx)
		},
	}
	cmd.Flags().StringVar(&o.dataDir, "data-dir", "", "directory of the database (required)")
	cmd.Flags().StringVar(&o.clientURL, "listen-client-url", "http://127.0.0.1:2379", "URL served to clients")
	cmd.Flags().StringVar(&o.peerURL, "listen-peer-url", "http://127.0.0.1:2380", "URL served to peers")
	_ = cmd.MarkFlagRequired("data-dir") // The flag was declared two lines above.
	return cmd
}

func (o *etcdOptions) config() (*embed.Config, error) {
	client, err := url.Parse(o.clientURL)
	if err != nil {
		return nil, fmt.Errorf("parsing --listen-client-url: %w", err)
	}
	peer, err := url.Parse(o.peerURL)
	if err != nil {
		return nil, fmt.Errorf("parsing --listen-peer-url: %w", err)
	}
	cfg := embed.NewConfig()
	cfg.Dir = o.dataDir
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{*peer}, []url.URL{*peer}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	cfg.LogLevel = "warn"
	cfg.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration // A new Config has 0: all are slow.
	cfg.UnsafeNoFsync = true
	cfg.TickMs, cfg.ElectionMs = 20, 200 // Milliseconds. Nobody else stands for election.
	// The ports may be held for us by a socket that is bound but does not listen.
	cfg.SocketOpts.ReusePort = true
	return cfg, nil
}

// run serves until the context ends, then closes the database.
func (o *etcdOptions) run(ctx context.Context) error {
	cfg, err := o.config()
	if err != nil {
		return err
	}
	etcd, err := embed.StartEtcd(cfg)
	if err != nil {
		return fmt.Errorf("starting etcd in %s: %w", o.dataDir, err)
	}
	defer etcd.Close()

	select {
	case <-etcd.Server.ReadyNotify():
	case <-ctx.Done():
		return nil
	case <-time.After(etcdStartTimeout):
		return fmt.Errorf("etcd was not ready within %s", etcdStartTimeout)
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-etcd.Err():
		return fmt.Errorf("serving etcd: %w", err)
	}
}
