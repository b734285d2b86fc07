package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// The formats of documents.
const (
	formatText = "text"
	formatJSON = "json"
	formatYAML = "yaml"
)

func formats() []string { return []string{formatText, formatJSON, formatYAML} }

func addFormatFlag(cmd *cobra.Command, format *string) {
	*format = formatText
	cmd.Flags().StringVarP(format, "output", "o", *format, "Output format: "+strings.Join(formats(), ", ")+".")
	// It fails for a flag that does not exist or is completed already, and this is neither.
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats(), cobra.ShellCompDirectiveNoFileComp))
}

func validateFormat(format string) error {
	if !slices.Contains(formats(), format) {
		return fmt.Errorf("-o: %q is none of %s", format, strings.Join(formats(), ", "))
	}
	return nil
}

// printDocument writes a document for programs.
func printDocument(out io.Writer, format string, document any) error {
	raw, err := state.Encode(document)
	if err != nil {
		return err
	}
	if format == formatYAML {
		if raw, err = yaml.JSONToYAML(raw); err != nil {
			return err
		}
		_, err = out.Write(raw)
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, raw, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, indented.String())
	return err
}
