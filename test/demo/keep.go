package demo

import (
	"context"
	"fmt"
	"path/filepath"
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
	d.term.Print(indent(fmt.Sprintf("export KUBECONFIG=%s\nalias kubectl=%s\nPATH=%s:$PATH # for kubectl mullion\n\n",
		cluster.Kubeconfig(), cluster.KubectlPath(), filepath.Dir(d.stage.programs.Plugin)) + suggestions(d.stage.hasHosts(), folder)))
	d.term.Print("\n" + d.term.Paint(terminal.Dim, "  The workloads are in "+folder+", logs in "+cluster.DataDir()+".") + "\n")
	<-ctx.Done()
	d.term.Print("\n  Stopping.\n")
	return nil
}

// suggestions are commands to go on with. With hosts, Windows Server 2019 is retired by then, and the workloads made way for
// a shop.
func suggestions(hosts bool, folder string) string {
	if hosts {
		return fmt.Sprintf(`# The hosts, and what the node manager knows of one:
kubectl get windowshosts -n %[1]s
kubectl mullion plan %[2]s
# Where the shop runs:
kubectl get pods -n %[3]s -o wide
# What is made of a pod that only says that it is for Windows, and what one is told that needs Windows Server 2019:
kubectl create -n %[3]s -f %[4]s/only-os-name.yaml -o yaml
kubectl create -n %[3]s -f %[4]s/needs-2019.yaml
`, hostNamespace, leaving, shop, folder)
	}
	return fmt.Sprintf(`# Where everything runs:
kubectl get pods -n %[1]s -o wide
# What was made of a pod that only says that it is for Windows:
kubectl get pod only-os-name -n %[1]s -o yaml
# Take Windows Server 2019 out of service, and see what a pod that needs it is told from then on:
kubectl patch wbp default --type=json -p '[{"op": "replace", "path": "/spec/builds/2/state", "value": "Retired"}]'
kubectl replace --force -n %[1]s -f %[2]s/needs-2019.yaml
`, namespace, folder)
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
