// Package command makes the commands of this project's long-running programs, which differ in their flags and in
// what they run, and in nothing else.
package command

import (
	"context"
	"fmt"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	cliflag "k8s.io/component-base/cli/flag"

	"github.com/mullion-dev/mullion/pkg/logging"
	"github.com/mullion-dev/mullion/pkg/version"
)

// Program is what is particular about a program.
type Program struct {
	Name, Short, Long string
	// Flags are the program's own flags, in the sections in which the help shows them. Those of logging and
	// the global ones are added.
	Flags cliflag.NamedFlagSets
	// Logging are the options that the flags of logging set.
	Logging *logging.Options
	// Validate checks the flags without doing anything. The error names every flag at fault.
	Validate func() error
	// Run works until the context ends.
	Run func(ctx context.Context, log logr.Logger) error
}

// Command makes the command. It takes no arguments, runs until its context ends and logs to its standard error.
func (p Program) Command() *cobra.Command {
	cmd := &cobra.Command{
		Use:          p.Name,
		Short:        p.Short,
		Long:         p.Long,
		Args:         cobra.NoArgs,
		Version:      version.Get().String(),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.Validate(); err != nil {
				return fmt.Errorf("checking flags: %w", err)
			}
			log, err := p.Logging.New(cmd.ErrOrStderr())
			if err != nil {
				return fmt.Errorf("checking flags: %w", err)
			}
			logging.Install(log)
			return p.Run(cmd.Context(), log)
		},
	}
	p.Logging.AddFlags(p.Flags.FlagSet("logging"))
	global := p.Flags.FlagSet("global")
	global.BoolP("help", "h", false, "Show this help.")
	global.Bool("version", false, "Show the version.")
	for _, name := range p.Flags.Order {
		cmd.Flags().AddFlagSet(p.Flags.FlagSets[name])
	}
	// Lines are not wrapped to the width of a terminal, so that the help is the same everywhere.
	cliflag.SetUsageAndHelpFunc(cmd, p.Flags, 0)
	return cmd
}
