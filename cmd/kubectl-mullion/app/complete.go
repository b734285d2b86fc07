package app

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// completer is the name under which kubectl looks for the program that completes a plugin's arguments.
//
// Source: https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/, and k8s.io/kubectl/pkg/cmd/plugin.
const completer = "kubectl_complete-mullion"

// arguments are what the command is run with. Under the completer's name, which may be that of a link, the plugin
// completes the arguments that it is given rather than obeying them.
func arguments(args []string) []string {
	if len(args) == 0 {
		return []string{}
	}
	name := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	if name != completer {
		return args[1:]
	}
	return append([]string{cobra.ShellCompRequestCmd}, args[1:]...)
}
