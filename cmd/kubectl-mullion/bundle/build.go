package bundle

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/bundle/access"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/bundle/origins"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
)

const buildLong = `Read a directory and tell by which digest the bundle of it is named. With --tag it is the reference that a
WindowsNodeConfig has. Nothing is sent: see push.

Every file below the directory is in the bundle, under its path. A file beside the directory, its name and .yaml,
says which release of which project they are from:

  components:
  - name: kubernetes
    version: v1.37.2
    files: [kubelet.exe, kube-proxy.exe, kube-log-runner.exe]
  - name: containerd
    version: v2.4.2
    files: [containerd.exe]
  - name: cni-plugins
    version: v1.9.0
    files: [cni/*.exe]

The same files always make the same digest, wherever and whenever it is built.`

const buildExample = `  kubectl mullion bundle build node/ -t registry.example.com/windows/node:v1.37.2`

const pushLong = `Build the bundle of a directory, as build does, and push it to a registry. Files that the registry has are not sent
again. The reference by digest is printed: it is what a WindowsNodeConfig has.`

const pushExample = `  kubectl mullion bundle push node/ -t registry.example.com/windows/node:v1.37.2`

// making are the flags of whoever makes a bundle.
type making struct {
	registry access.Options
	streams  genericiooptions.IOStreams
	tag      string
	origins  string
}

func (m *making) addFlags(flags *pflag.FlagSet) {
	m.registry.AddFlags(flags)
	flags.StringVarP(&m.tag, "tag", "t", "", "Where the bundle is, or is to be: REGISTRY/NAME:TAG.")
	flags.StringVar(&m.origins, "origins", "", "File that says where the files come from (default: the directory's name and .yaml).")
}

func newBuildCommand(streams genericiooptions.IOStreams) *cobra.Command {
	m := &making{streams: streams}
	cmd := &cobra.Command{
		Use:     "build DIR [-t REF]",
		Short:   "Tell by which digest the bundle of a directory is named",
		Long:    buildLong,
		Example: buildExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return m.with(cmd.Context(), args[0], m.print)
		},
	}
	m.addFlags(cmd.Flags())
	return cmd
}

func newPushCommand(streams genericiooptions.IOStreams) *cobra.Command {
	m := &making{streams: streams}
	cmd := &cobra.Command{
		Use:     "push DIR -t REF",
		Short:   "Build the bundle of a directory and push it",
		Long:    pushLong,
		Example: pushExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if m.tag == "" {
				return errors.New("-t: say where to push it")
			}
			return m.with(cmd.Context(), args[0], m.push)
		},
	}
	m.addFlags(cmd.Flags())
	return cmd
}

// with does something with the bundle of a directory.
func (m *making) with(ctx context.Context, directory string, do func(context.Context, *oci.Artifact, name.Reference) error) (err error) {
	var reference name.Reference
	if m.tag != "" {
		if reference, err = name.NewTag(m.tag, m.registry.Names()...); err != nil {
			return fmt.Errorf("-t: %w", err)
		}
	}
	artifact, err := origins.Build(ctx, directory, m.origins)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, artifact.Close()) }()
	return do(ctx, artifact, reference)
}

func (m *making) print(_ context.Context, artifact *oci.Artifact, reference name.Reference) error {
	named, err := artifact.Digest()
	if err != nil {
		return err
	}
	if reference != nil {
		named = reference.Context().Digest(named).String()
	}
	_, err = fmt.Fprintln(m.streams.Out, named)
	return err
}

func (m *making) push(ctx context.Context, artifact *oci.Artifact, reference name.Reference) error {
	options, err := m.registry.Remote()
	if err != nil {
		return err
	}
	pushed, err := artifact.Push(ctx, reference, options...)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(m.streams.Out, pushed)
	return err
}
