package nodeconfigstatus

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message}
}

// ready tells whether hosts can be given the configuration, as far as that can be told without one; or what kept it from
// one, where none has it.
func ready(config *v1alpha1.WindowsNodeConfig, cluster *Cluster, refusing *v1alpha1.WindowsHost) metav1.Condition {
	const kind = v1alpha1.NodeConfigConditionReady
	if _, err := name.NewDigest(config.Spec.Bundle.Image); err != nil {
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonNodeConfigInvalid,
			fmt.Sprintf("spec.bundle.image does not name a bundle by digest: %v.", err))
	}
	kubelet, err := version.ParseSemantic(config.Spec.KubernetesVersion)
	if err != nil {
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonNodeConfigInvalid,
			fmt.Sprintf("spec.kubernetesVersion: %v.", err))
	}
	if cluster.ServerProblem != nil || cluster.ServerVersion == nil {
		return condition(kind, metav1.ConditionUnknown, v1alpha1.ReasonClusterUnknown, serverUnknown(cluster.ServerProblem))
	}
	if err := nodeconfig.CheckSkew(kubelet, cluster.ServerVersion); err != nil {
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonVersionSkew, fmt.Sprintf("No host is given it: %v.", err))
	}
	if refusing != nil {
		last := refusing.Status.LastError
		return condition(kind, metav1.ConditionFalse, last.Reason,
			fmt.Sprintf("No host has it, and %s could not be given it: %s.", nameOf(refusing), strings.TrimSuffix(last.Message, ".")))
	}
	return condition(kind, metav1.ConditionTrue, v1alpha1.ReasonUsable, "Hosts can be given it.")
}

func serverUnknown(problem error) string {
	const message = "Whether its kubelet is one that the API servers can have is not known"
	if problem == nil {
		return message + " yet."
	}
	return fmt.Sprintf("%s: %v.", message, problem)
}

// used tells who names the configuration.
func used(config *v1alpha1.WindowsNodeConfig, cluster *Cluster) metav1.Condition {
	const kind = v1alpha1.NodeConfigConditionUsed
	by := append(policiesNaming(config.Name, cluster.Policies), hostsNaming(config.Name, cluster.Hosts)...)
	if len(by) == 0 {
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonNotNamed, "No policy and no host names it.")
	}
	return condition(kind, metav1.ConditionTrue, v1alpha1.ReasonNamed, "It is named by "+strings.Join(by, ", ")+".")
}

// policiesNaming are the policies that name a configuration, each with the builds for which it does, in order of names.
func policiesNaming(config string, policies []v1alpha1.WindowsBuildPolicy) []string {
	var naming []string
	for i := range policies {
		var builds []string
		for _, rule := range policies[i].Spec.Builds {
			if rule.NodeConfigRef != nil && rule.NodeConfigRef.Name == config {
				builds = append(builds, rule.Build)
			}
		}
		if len(builds) > 0 {
			naming = append(naming, fmt.Sprintf("WindowsBuildPolicy %q for %s", policies[i].Name, strings.Join(builds, " and ")))
		}
	}
	slices.Sort(naming)
	return naming
}

// hostsNaming is how many hosts name a configuration as their own.
func hostsNaming(config string, hosts []v1alpha1.WindowsHost) []string {
	n := 0
	for i := range hosts {
		if ref := hosts[i].Spec.NodeConfigRef; ref != nil && ref.Name == config {
			n++
		}
	}
	switch n {
	case 0:
		return nil
	case 1:
		return []string{"1 host"}
	default:
		return []string{fmt.Sprintf("%d hosts", n)}
	}
}
