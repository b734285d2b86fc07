// Command webhook is Mullion's admission webhook: it places Windows pods on nodes that can run them, and
// refuses with a reason those that no node can.
package main

import (
	"os"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/mullion-dev/mullion/cmd/webhook/app"
)

func main() {
	if err := app.NewCommand().ExecuteContext(ctrl.SetupSignalHandler()); err != nil {
		os.Exit(1)
	}
}
