package hosts

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mullion-dev/mullion/pkg/hostaccess"
)

// Options are what a user can set.
type Options struct {
	// Manage tells to look after hosts at all.
	Manage bool
	// AgentFile is the agent's executable for Windows.
	AgentFile string
	// KeySecret has the private keys for hosts that name no Secret.
	KeySecret string
	// Workers is how many hosts are looked at at once.
	Workers int
	// Resync is how often a host is looked at that is as it should be.
	Resync time.Duration
	// Join, Verify and Reboot are how long each may take.
	JoinTimeout, VerifyTimeout, RebootTimeout time.Duration
	// BundleCache is a directory that is nobody else's, and BundleCacheSize how much may be in it.
	BundleCache     string
	BundleCacheSize string

	Cluster ClusterOptions
	Sources SourceOptions
}

// NewOptions are the defaults.
func NewOptions() *Options {
	return &Options{
		AgentFile:       "/mullion-agent.exe",
		KeySecret:       hostaccess.DefaultKeySecret,
		Workers:         64,
		Resync:          10 * time.Minute,
		JoinTimeout:     15 * time.Minute,
		VerifyTimeout:   10 * time.Minute,
		RebootTimeout:   15 * time.Minute,
		BundleCache:     "/var/cache/mullion",
		BundleCacheSize: "4Gi",
		Sources:         newSourceOptions(),
	}
}

// AddFlags adds the flags.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.Manage, "manage-hosts", o.Manage, "Look after WindowsHosts: configure, join, upgrade and give them back.")
	flags.StringVar(&o.AgentFile, "agent-file", o.AgentFile, "Executable of the agent that is brought to hosts, mullion-agent.exe.")
	flags.StringVar(&o.KeySecret, "key-secret", o.KeySecret, "Secret, in the namespace of a host, with the private keys to log in with where the host names none.")
	flags.IntVar(&o.Workers, "host-workers", o.Workers, "Hosts that are looked at at once. They mostly wait for the network.")
	flags.DurationVar(&o.Resync, "host-resync", o.Resync, "How often a host is looked at that is as it should be, to find drift.")
	flags.DurationVar(&o.JoinTimeout, "join-timeout", o.JoinTimeout, "How long a configured host may take to be a registered node before that counts as a failure.")
	flags.DurationVar(&o.VerifyTimeout, "verify-timeout", o.VerifyTimeout, "How long a node may take to be Ready after a change before that counts as a failure, and may be rolled back.")
	flags.DurationVar(&o.RebootTimeout, "reboot-timeout", o.RebootTimeout, "How long a host may take to restart. Windows may install updates meanwhile.")
	flags.StringVar(&o.BundleCache, "bundle-cache", o.BundleCache, "Directory in which node bundles are kept. It is used by one process.")
	flags.StringVar(&o.BundleCacheSize, "bundle-cache-size", o.BundleCacheSize, "How much may be in the directory of node bundles, such as 4Gi.")
}

// Validate checks the options as far as that is possible without doing anything. The error names every flag at fault.
func (o *Options) Validate() error {
	if !o.Manage {
		return nil
	}
	var errs []error
	for flag, text := range map[string]string{
		"--agent-file": o.AgentFile, "--key-secret": o.KeySecret, "--bundle-cache": o.BundleCache,
	} {
		if text == "" {
			errs = append(errs, fmt.Errorf("%s: required with --manage-hosts", flag))
		}
	}
	for flag, duration := range map[string]time.Duration{
		"--host-resync": o.Resync, "--join-timeout": o.JoinTimeout, "--verify-timeout": o.VerifyTimeout, "--reboot-timeout": o.RebootTimeout,
	} {
		if duration <= 0 {
			errs = append(errs, fmt.Errorf("%s: must be positive", flag))
		}
	}
	if o.Workers <= 0 {
		errs = append(errs, errors.New("--host-workers: must be positive"))
	}
	if size, err := resource.ParseQuantity(o.BundleCacheSize); err != nil || size.Sign() <= 0 {
		errs = append(errs, fmt.Errorf("--bundle-cache-size: %q is no size such as 4Gi", o.BundleCacheSize))
	}
	_, err := o.Cluster.given()
	return errors.Join(append(errs, err, o.Sources.validate())...)
}
