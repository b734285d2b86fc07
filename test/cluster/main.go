// Command cluster is the Kubernetes control plane in one file: the name of a component as the first
// argument runs that component, anything else is kubectl's.
//
// It exists because the project's tests and its demonstration need a real control plane on a machine
// that has Go and nothing else. Only the command asked for is constructed: two Kubernetes commands in
// one process each claim the process's signal handler, which may be claimed once.
package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) > 1 {
		if component := newComponent(os.Args[1]); component != nil {
			os.Args = os.Args[1:] // As if the file had been called by the component's name.
			os.Exit(cli.Run(component))
		}
	}
	runKubectl()
}

// newComponent constructs the command of a control-plane component, or nil where the name is not one.
func newComponent(name string) *cobra.Command {
	switch name {
	case "etcd":
		return newEtcdCommand()
	case "kube-apiserver":
		return apiserver.NewAPIServerCommand()
	case "kube-controller-manager":
		return controllermanager.NewControllerManagerCommand()
	case "kube-scheduler":
		return scheduler.NewSchedulerCommand()
	default:
		return nil
	}
}

// runKubectl prints errors as kubectl does, not as the log line that components print.
func runKubectl() {
	os.Args[0] = filepath.Join(filepath.Dir(os.Args[0]), "kubectl") // The name in its help texts.
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
}
