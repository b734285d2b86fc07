package nodeconfigstatus

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostpolicy"
)

// Cluster is what the status of node configurations is computed from.
type Cluster struct {
	// Policies and Hosts are all there are, in any order.
	Policies []v1alpha1.WindowsBuildPolicy
	Hosts    []v1alpha1.WindowsHost
	// ServerVersion is that of the oldest API server, and ServerProblem says why it is not known.
	ServerVersion *version.Version
	ServerProblem error
}

// Compute is the status that a node configuration should have. Where nothing but the time has changed it equals the
// present one. Conditions that this package does not know are left out.
func Compute(config *v1alpha1.WindowsNodeConfig, cluster *Cluster, now time.Time) v1alpha1.WindowsNodeConfigStatus {
	status := v1alpha1.WindowsNodeConfigStatus{ObservedGeneration: config.Generation}
	var refusing *v1alpha1.WindowsHost
	for _, host := range assigned(config, cluster) {
		status.Hosts++
		switch {
		case isCurrent(host, config):
			status.CurrentHosts++
		case refuses(host) && (refusing == nil || nameOf(host) < nameOf(refusing)):
			refusing = host
		}
	}
	if status.CurrentHosts > 0 {
		refusing = nil // What is wrong is the host's.
	}
	for _, c := range []metav1.Condition{ready(config, cluster, refusing), used(config, cluster)} {
		c.ObservedGeneration = config.Generation
		c.LastTransitionTime = metav1.NewTime(now)
		if before := meta.FindStatusCondition(config.Status.Conditions, c.Type); before != nil && before.Status == c.Status {
			c.LastTransitionTime = before.LastTransitionTime
		}
		status.Conditions = append(status.Conditions, c)
	}
	return status
}

// assigned are the hosts that are to have the configuration.
func assigned(config *v1alpha1.WindowsNodeConfig, cluster *Cluster) []*v1alpha1.WindowsHost {
	var hosts []*v1alpha1.WindowsHost
	assignments := assignments{policies: cluster.Policies, known: map[assignment]string{}}
	for i := range cluster.Hosts {
		host := &cluster.Hosts[i]
		if host.DeletionTimestamp.IsZero() && assignments.of(host) == config.Name {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func isCurrent(host *v1alpha1.WindowsHost, config *v1alpha1.WindowsNodeConfig) bool {
	applied := host.Status.Applied
	return applied != nil && applied.NodeConfig == config.Name && applied.NodeConfigGeneration == config.Generation &&
		meta.IsStatusConditionTrue(host.Status.Conditions, v1alpha1.HostConditionUpToDate)
}

// refuses tells whether a host could not be given its configuration because of what that says.
func refuses(host *v1alpha1.WindowsHost) bool {
	last := host.Status.LastError
	return last != nil && (last.Reason == v1alpha1.ReasonNodeConfigInvalid || last.Reason == v1alpha1.ReasonBundleUnavailable)
}

func nameOf(host *v1alpha1.WindowsHost) string { return host.Namespace + "/" + host.Name }

// assignments are which configurations hosts are to have. Hosts that are alike in what it depends on are looked up once.
type assignments struct {
	policies []v1alpha1.WindowsBuildPolicy
	known    map[assignment]string
}

// assignment is what the configuration of a host depends on.
type assignment struct{ build, policy, own string }

// of names the configuration that a host is to have; empty where none.
func (a *assignments) of(host *v1alpha1.WindowsHost) string {
	if host.Status.Facts == nil {
		return ""
	}
	key := assignment{build: host.Status.Facts.Build, policy: host.Spec.Policy}
	if host.Spec.NodeConfigRef != nil {
		key.own = host.Spec.NodeConfigRef.Name
	}
	name, known := a.known[key]
	if !known {
		if found, none := hostpolicy.Find(a.policies, host, key.build); none == nil && !found.Leave {
			name = found.NodeConfig
		}
		a.known[key] = name
	}
	return name
}
