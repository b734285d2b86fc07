package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/test/demo/terminal"
)

// keep tells how to talk to the cluster and leaves it running until the context ends.
func (d *demonstration) keep(ctx context.Context) error {
	folder, err := d.stage.writeScenes()
	if err != nil {
		return err
	}
	cluster := d.stage.cluster
	d.term.Print("\n" + d.term.Paint(terminal.Bold, "Everything keeps running until you press Ctrl-C. In another terminal:") + "\n\n")
	d.term.Print(indent(fmt.Sprintf(`export KUBECONFIG=%[1]s
alias kubectl=%[2]s

# Where everything runs:
kubectl get pods -n %[3]s -o wide
# What was made of a pod that only says that it is for Windows:
kubectl get pod only-os-name -n %[3]s -o yaml
# Take Windows Server 2019 out of service, and see what a pod that needs it is told from then on:
kubectl patch wbp default --type=json -p '[{"op": "replace", "path": "/spec/builds/2/state", "value": "Retired"}]'
kubectl replace --force -n %[3]s -f %[4]s/needs-2019.yaml
`, cluster.Kubeconfig(), cluster.KubectlPath(), namespace, folder)))
	d.term.Print("\n" + d.term.Paint(terminal.Dim, "  The workloads are in "+folder+", logs in "+cluster.DataDir()+".") + "\n")
	<-ctx.Done()
	d.term.Print("\n  Stopping.\n")
	return nil
}

// indent moves text to where everything else stands.
func indent(text string) string {
	var moved strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			line = "  " + line
		}
		moved.WriteString(line)
	}
	return moved.String()
}
