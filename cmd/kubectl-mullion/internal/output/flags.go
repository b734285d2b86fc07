// Package output is the flag -o of the plugin, which behaves as kubectl's.
package output

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// Formats for people. All others are printed by cli-runtime.
const (
	table = "table"
	wide  = "wide"
)

// name is cli-runtime's format that prints names.
const name = "name"

// Flags are -o and those that go with it.
type Flags struct {
	format   string
	printing *genericclioptions.PrintFlags
}

// NewFlags makes the flags, with a table as the default.
func NewFlags() *Flags {
	return &Flags{format: table, printing: genericclioptions.NewPrintFlags("")}
}

// WithoutNames takes the format "name" away, for what has none.
func (f *Flags) WithoutNames() *Flags {
	f.printing.NamePrintFlags = nil
	return f
}

// AddFlags adds the flags to a command, with their completion.
func (f *Flags) AddFlags(cmd *cobra.Command) {
	f.printing.OutputFormat = nil // So that it adds no -o of its own, which would know of no table.
	f.printing.JSONYamlPrintFlags.AddFlags(cmd)
	f.printing.TemplatePrinterFlags.AddFlags(cmd)
	f.printing.OutputFormat = &f.format
	f.printing.OutputFlagSpecified = func() bool { return cmd.Flag("output").Changed }
	formats := f.formats()
	cmd.Flags().StringVarP(&f.format, "output", "o", f.format, "Output format. One of: ("+strings.Join(formats, ", ")+").")
	// It fails for a flag that does not exist or is completed already, and this is neither.
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

func (f *Flags) formats() []string {
	formats := append([]string{table, wide}, f.printing.JSONYamlPrintFlags.AllowedFormats()...)
	if f.printing.NamePrintFlags != nil {
		formats = append(formats, f.printing.NamePrintFlags.AllowedFormats()...)
	}
	return append(formats, f.printing.TemplatePrinterFlags.AllowedFormats()...)
}

// ForPeople tells that a table is wanted rather than the object, and whether a wide one.
func (f *Flags) ForPeople() (yes, isWide bool) {
	template := f.printing.TemplatePrinterFlags.TemplateArgument
	if template != nil && *template != "" && !f.printing.OutputFlagSpecified() {
		return false, false
	}
	return f.format == table || f.format == wide, f.format == wide
}

// Validate checks the flags without printing anything.
func (f *Flags) Validate() error {
	if people, _ := f.ForPeople(); people {
		return nil
	}
	if _, err := f.printing.ToPrinter(); err != nil {
		format, _, _ := strings.Cut(f.format, "=")
		if !slices.Contains(f.formats(), format) {
			return fmt.Errorf("unknown output format %q; there are: %s", f.format, strings.Join(f.formats(), ", "))
		}
		return fmt.Errorf("checking --output: %w", err)
	}
	return nil
}

// Print prints objects, which say of which kind they are, in the format that the flags ask for: several as a List, and
// their names one a line.
func (f *Flags) Print(out io.Writer, objects ...runtime.Object) error {
	printer, err := f.printing.ToPrinter()
	if err != nil {
		return fmt.Errorf("checking --output: %w", err)
	}
	if len(objects) > 1 && f.format != name {
		objects = []runtime.Object{list(objects)}
	}
	for _, object := range objects {
		if err := printer.PrintObj(object, out); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
	}
	return nil
}

// list is the objects as one, as kubectl has it.
func list(objects []runtime.Object) runtime.Object {
	items := &corev1.List{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "List"}}
	for _, object := range objects {
		items.Items = append(items.Items, runtime.RawExtension{Object: object})
	}
	return items
}
