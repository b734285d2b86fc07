// Package supportbundle is the subcommand that gathers what somebody needs to understand an installation from afar,
// without its secrets.
package supportbundle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
)

const long = `Write what somebody needs to understand an installation of Mullion from afar into one archive: policies, node
configs, hosts, RuntimeClasses, webhook configurations, Windows nodes, the project's own pods with their logs, events,
certificate requests of kubelets, leases, and versions.

Secrets are never read. Whatever looks like a private key, a token or a password is taken out of all else, as far as that
can be seen: look through the archive before you hand it on. What you may not read, or is not there, is noted in its
manifest.json and left out.

Exit codes: 0 if everything was gathered, 1 if something is missing, 2 if there is no archive.`

const example = `  # Into a file that is named after the time
  kubectl mullion support-bundle

  # Into a file, with longer logs
  kubectl mullion support-bundle -o bundle.tar.gz --log-lines 100000

  # Where Mullion is in another namespace
  kubectl mullion support-bundle -n windows`

const (
	// defaultNamespace is where Mullion is installed unless somebody has changed it.
	defaultNamespace = "mullion-system"
	// defaultTimeout bounds everything together.
	defaultTimeout = 5 * time.Minute
	// defaultLogLines is how many lines of each log are wanted, from its end.
	defaultLogLines = 10_000
	// defaultMaxSize is the size of all files together before they are compressed, in MiB. It is compressed to a tenth.
	defaultMaxSize = 200
)

// options are the flags of one run.
type options struct {
	streams  genericiooptions.IOStreams
	cluster  *cluster.Flags
	file     string
	timeout  time.Duration
	logLines int64
	maxSize  int64
	// now is the time, which tests set.
	now func() time.Time
}

// NewCommand makes the subcommand.
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	return newCommand(streams, time.Now)
}

func newCommand(streams genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	o := &options{streams: streams, cluster: cluster.NewFlags(streams.ErrOut), now: now}
	cmd := &cobra.Command{
		Use:               "support-bundle",
		Short:             "Gather what explains an installation into an archive, without secrets",
		Long:              long,
		Example:           example,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.file, "output", "o", "", "The archive, a gzipped tar, which must not exist yet; - is the standard output. The default is named after the time.")
	flags.DurationVar(&o.timeout, "timeout", defaultTimeout, "How long everything together may take. What is missing then is noted.")
	flags.Int64Var(&o.logLines, "log-lines", defaultLogLines, "How many lines of each log, from its end.")
	flags.Int64Var(&o.maxSize, "max-size", defaultMaxSize, "How many MiB all files together may have, before they are compressed.")
	o.cluster.AddFlags(cmd)
	flags.Lookup("namespace").Usage = "The namespace in which Mullion is installed (default " + defaultNamespace + ")."
	return cmd
}

// run gathers and writes.
func (o *options) run(ctx context.Context) (err error) {
	if err := o.validate(); err != nil {
		return err
	}
	target, err := o.cluster.Connect(ctx)
	if err != nil {
		return err
	}
	namespace := defaultNamespace
	if target.NamespaceGiven {
		namespace = target.Namespace
	}
	c, err := newCollector(ctx, target, namespace, o)
	if err != nil {
		return err
	}
	file, err := o.open()
	if err != nil {
		return err
	}
	defer func() {
		// Joined with nothing, an error would not be the one that tells an answer from none.
		if closed := file.close(err); closed != nil {
			err = errors.Join(err, closed)
		}
	}()
	c.archive = newArchive(file, o.maxSize<<20, o.now())
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	c.gather(ctx)
	if err := c.finish(); err != nil {
		return fmt.Errorf("writing %s: %w", file.name, err)
	}
	o.conclude(&c.manifest, file)
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return cluster.ErrInterrupted
	}
	if len(c.manifest.Missing) > 0 {
		return exit.ErrFindings
	}
	return nil
}

func (o *options) validate() error {
	var errs []error
	if o.timeout <= 0 {
		errs = append(errs, errors.New("--timeout: it takes some time"))
	}
	if o.logLines < 0 {
		errs = append(errs, errors.New("--log-lines: no log has fewer than none"))
	}
	if o.maxSize < 1 || o.maxSize > 1<<14 {
		errs = append(errs, errors.New("--max-size: from 1 to 16384"))
	}
	return errors.Join(errs...)
}

// conclude says what there is now, and what is missing.
func (o *options) conclude(m *Manifest, file *output) {
	out := o.streams.Out
	if file.name == stdout {
		out = o.streams.ErrOut
	}
	for _, missing := range m.Missing {
		fmt.Fprintf(o.streams.ErrOut, "not gathered: %s: %s\n", missing.What, missing.Why)
	}
	fmt.Fprintf(out, "%d files are in %s. %d passages that looked like secrets were taken out. Look through it before you hand it on.\n",
		len(m.Files), file.name, m.Redactions)
}
