package images

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/registries"
)

// Output formats.
const (
	formatTable = "table"
	formatWide  = "wide"
	formatJSON  = "json"
	formatYAML  = "yaml"
)

func formats() []string { return []string{formatTable, formatWide, formatJSON, formatYAML} }

// options are what a user can set.
type options struct {
	streams genericiooptions.IOStreams

	references []string
	files      []string
	policy     string
	format     string
	registries *registries.Options
}

func newOptions(streams genericiooptions.IOStreams) *options {
	return &options{streams: streams, format: formatTable, registries: registries.NewOptions()}
}

func (o *options) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVarP(&o.files, "filename", "f", nil, "File, directory with everything below it, or - for the standard input: manifests whose images to inspect. May be repeated.")
	flags.StringVar(&o.policy, "policy", "", "File with the WindowsBuildPolicy whose builds and compatibility decide where an image runs.")
	flags.StringVarP(&o.format, "output", "o", o.format, "Output format: "+strings.Join(formats(), ", ")+".")
	o.registries.AddFlags(flags)
	// It fails for a flag that does not exist or is completed already, and this is neither.
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats(), cobra.ShellCompDirectiveNoFileComp))
}

// validate checks the options without doing anything. The error names every flag at fault.
func (o *options) validate() error {
	errs := []error{o.registries.Validate()}
	if len(o.references) == 0 && len(o.files) == 0 {
		errs = append(errs, errors.New("name the images to inspect, or with -f the manifests that name them"))
	}
	if !slices.Contains(formats(), o.format) {
		errs = append(errs, fmt.Errorf("-o: %q is none of %s", o.format, strings.Join(formats(), ", ")))
	}
	return errors.Join(errs...)
}
