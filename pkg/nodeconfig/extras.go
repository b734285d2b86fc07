package nodeconfig

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// buildCSIProxy runs csi-proxy.
func (b *builder) buildCSIProxy() {
	spec := b.spec.CSIProxy
	if spec == nil {
		return
	}
	log := logFile(csiProxyService)
	b.service(state.Service{
		Name:        csiProxyService,
		Description: "Lets storage drivers of this Kubernetes node use disks.",
		Program:     b.program(csiProxyProgram, "spec.csiProxy"),
		Arguments: []string{
			"-windows-service",
			"-logtostderr=false",
			"-log_file=" + log.String(),
			fmt.Sprintf("-log_file_max_size=%d", b.maxLogMegabytes()),
			fmt.Sprintf("-v=%d", verbosity(spec.Verbosity)),
		},
		Log: log,
	})
}

// buildCloud runs what a cloud needs on a Windows node.
func (b *builder) buildCloud() {
	if !b.spec.CloudProvider.AzureNodeManager {
		return
	}
	program := b.program(azureNodeProgram, "spec.cloudProvider.azureNodeManager")
	if !b.host.Joined {
		b.waiting = append(b.waiting, "azure-cloud-node-manager runs once the node has joined: it has the kubelet's identity.")
		return
	}
	b.service(state.Service{
		Name:        azureNodeService,
		Description: "Tells Kubernetes what Azure knows of this node.",
		Program:     program,
		Arguments: []string{
			"--windows-service", "--node-name=" + b.nodeName, "--wait-routes=false", "--kubeconfig=" + kubeconfig.String(),
		},
		DependsOn: []string{kubeletService},
	})
}

// ownServices are names that no further service may have.
func ownServices() []string {
	return []string{
		containerdService, kubeletService, kubeProxyService, hybridOverlayService, csiProxyService, exporterService,
		azureNodeService,
	}
}

// buildServices runs an administrator's further services.
func (b *builder) buildServices() {
	replace := strings.NewReplacer("${NODE_NAME}", b.nodeName, "${NODE_IP}", b.nodeIP.String())
	for i := range b.spec.Services {
		spec, fld := &b.spec.Services[i], specPath("services").Index(i)
		if slices.ContainsFunc(ownServices(), func(own string) bool { return winpath.Fold(own) == winpath.Fold(spec.Name) }) {
			b.wrong(field.Forbidden(fld.Child("name"), spec.Name+" is one of the services that follow from the rest"))
			continue
		}
		if problem := checkBundlePath(spec.Program, fld.Child("program")); problem != nil {
			b.wrong(problem)
			continue
		}
		arguments := make([]string, len(spec.Args))
		for j, argument := range spec.Args {
			arguments[j] = replace.Replace(argument)
		}
		ports := b.ports(spec.Ports, fld.Child("ports"))
		b.service(state.Service{
			Name:        spec.Name,
			Description: spec.Description,
			Program:     b.program(spec.Program, fld.String()),
			Arguments:   arguments,
			DependsOn:   spec.DependsOn,
			Variables:   variables(spec.Environment),
			Ports:       ports,
		})
		if len(ports) > 0 {
			b.open(spec.Name, "TCP", "Opens the ports of the service "+spec.Name+".", ports...)
		}
	}
}

func (b *builder) ports(numbers []int32, fld *field.Path) []uint16 {
	var ports []uint16
	for i, number := range numbers {
		if number < 1 || number > 65535 {
			b.wrong(field.Invalid(fld.Index(i), number, "is no port"))
			continue
		}
		ports = append(ports, uint16(number))
	}
	return ports
}

func variables(environment []v1alpha1.EnvironmentVariable) []state.ServiceVariable {
	var all []state.ServiceVariable
	for _, variable := range environment {
		all = append(all, state.ServiceVariable{Name: variable.Name, Value: variable.Value})
	}
	return all
}
