// Command nodemanager runs Mullion's controllers: what the policies of a cluster need beside the webhook's
// decisions.
package main

import (
	"os"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/mullion-dev/mullion/cmd/nodemanager/app"
)

func main() {
	if err := app.NewCommand().ExecuteContext(ctrl.SetupSignalHandler()); err != nil {
		os.Exit(1)
	}
}
