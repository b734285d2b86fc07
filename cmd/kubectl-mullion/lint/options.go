package lint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/registries"
	"github.com/mullion-dev/mullion/pkg/lint"
	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// options are what a user can set.
type options struct {
	streams genericiooptions.IOStreams

	files           []string
	policies        []string
	buildNames      []string
	namespace       string
	namespaceLabels map[string]string
	offlineImages   string
	offline         bool
	failOn          string
	format          string
	quiet           bool
	registries      *registries.Options

	// builds are what buildNames stand for, once they are validated.
	builds []policy.Version
}

func newOptions(streams genericiooptions.IOStreams) *options {
	return &options{
		streams: streams, namespace: "default", failOn: string(lint.Error), format: formatText,
		registries: registries.NewOptions(),
	}
}

func (o *options) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVarP(&o.files, "filename", "f", nil, "File, directory with everything below it, or - for the standard input. May be repeated.")
	flags.StringSliceVar(&o.policies, "policy", nil, "File or directory with the WindowsBuildPolicies. By default, those among the manifests count. May be repeated.")
	flags.StringSliceVar(&o.buildNames, "builds", nil, "Builds of which there are Ready nodes, such as 10.0.20348. By default, all that a policy lists.")
	flags.StringVarP(&o.namespace, "namespace", "n", o.namespace, "Namespace of objects that name none.")
	flags.StringToStringVar(&o.namespaceLabels, "namespace-labels", nil, "Labels of namespaces that are not among the manifests, as key=value,….")
	flags.StringVar(&o.offlineImages, "offline-images", "", "File with what is known of images, as kubectl mullion images -o yaml writes it. No registry is asked.")
	flags.BoolVar(&o.offline, "offline", false, "Ask no registry. Images are then not known, and the policy says what happens to their pods.")
	flags.StringVar(&o.failOn, "fail-on", o.failOn, "The least severity of a finding that ends in exit code 1: "+list(severities())+".")
	flags.StringVarP(&o.format, "output", "o", o.format, "Output format: "+list(formats())+".")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "In the format text, show only objects with findings.")
	o.registries.AddFlags(flags)

	// They fail for a flag that does not exist or is completed already, and these are neither.
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(severities(), cobra.ShellCompDirectiveNoFileComp))
}

func severities() []string { return []string{string(lint.Error), string(lint.Warning)} }

func list(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// validate checks the options without doing anything. The error names every flag at fault.
func (o *options) validate() error {
	errs := []error{o.registries.Validate()}
	if len(o.files) == 0 {
		errs = append(errs, errors.New("-f: name what to judge: a file, a directory, or - for the standard input"))
	}
	if slices.Contains(o.files, manifest.Stdin) && slices.Contains(o.policies, manifest.Stdin) {
		errs = append(errs, errors.New("-f, --policy: only one of them can be the standard input"))
	}
	for _, name := range o.buildNames {
		build, err := policy.ParseVersion(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("--builds: %w", err))
		}
		o.builds = append(o.builds, build)
	}
	if !slices.Contains(formats(), o.format) {
		errs = append(errs, fmt.Errorf("-o: %q is none of %s", o.format, list(formats())))
	}
	if !slices.Contains(severities(), o.failOn) {
		errs = append(errs, fmt.Errorf("--fail-on: %q is neither %s", o.failOn, strings.Join(severities(), " nor ")))
	}
	return errors.Join(errs...)
}
