package policystatus

import (
	"fmt"
	"strings"
	"time"

	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/impact/census"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/runtimeclass"
)

// Cluster is what the status of policies is computed from.
type Cluster struct {
	// Policies are all policies, in any order.
	Policies []v1alpha1.WindowsBuildPolicy
	// Fleet is the nodes.
	Fleet *policy.Fleet
	// Classes are the RuntimeClasses by name.
	Classes map[string]*nodev1.RuntimeClass
	// Workloads is who depends on builds; nil where that is not counted.
	Workloads *census.Count
	// Hosts are all hosts, and NodeConfigs the generations of the node configurations by name; none where hosts are not
	// looked after.
	Hosts       []v1alpha1.WindowsHost
	NodeConfigs map[string]int64
}

// Compute is the status that one of the cluster's policies should have. Where nothing but the time has
// changed it equals the policy's present status. Conditions that this package does not know are left out.
func Compute(p *v1alpha1.WindowsBuildPolicy, cluster *Cluster, now time.Time) v1alpha1.WindowsBuildPolicyStatus {
	status := v1alpha1.WindowsBuildPolicyStatus{ObservedGeneration: p.Generation}
	compiled, err := policy.Compile(p)
	acceptance := accepted(err)
	var classes, overlaps, sum metav1.Condition
	if err != nil {
		classes = condition(v1alpha1.ConditionRuntimeClassesReady, metav1.ConditionUnknown, v1alpha1.ReasonInvalidSpec,
			"What the policy needs cannot be told before it is valid.")
		overlaps = condition(v1alpha1.ConditionOverlapping, metav1.ConditionFalse, v1alpha1.ReasonNoOverlap,
			"The policy is not in force.")
		sum = ready("", acceptance)
	} else {
		status.Builds = builds(compiled, cluster.Fleet)
		status.Summary = summary(status.Builds)
		addWorkloads(&status, compiled, cluster.Workloads)
		classes = classesReady(compiled, runtimeclass.Desired(cluster.Policies, cluster.Fleet), cluster.Classes)
		overlaps = overlapping(rivals(p, cluster.Policies))
		sum = ready(compiled.Mode, acceptance, classes)
	}
	status.Rollout = rolloutOf(p, cluster, now)
	conditions := []metav1.Condition{sum, acceptance, classes, overlaps}
	if status.Rollout != nil {
		conditions = append(conditions, hostsUpToDate(status.Rollout))
	}
	if compiled != nil && cluster.Workloads != nil {
		conditions = append(conditions, workloadsCounted(compiled, cluster.Workloads))
	}
	for _, c := range conditions {
		c.ObservedGeneration = p.Generation
		c.LastTransitionTime = metav1.NewTime(now)
		if before := meta.FindStatusCondition(p.Status.Conditions, c.Type); before != nil && before.Status == c.Status {
			c.LastTransitionTime = before.LastTransitionTime
		}
		status.Conditions = append(status.Conditions, c)
	}
	return status
}

// builds are the policy's builds as the cluster has them.
func builds(compiled *policy.Policy, fleet *policy.Fleet) []v1alpha1.BuildStatus {
	statuses := make([]v1alpha1.BuildStatus, len(compiled.Builds))
	for i := range compiled.Builds {
		build := &compiled.Builds[i]
		count := fleet.Count(build.Build)
		release, _ := policy.LookupRelease(build.Build)
		statuses[i] = v1alpha1.BuildStatus{
			Build:        build.Build.String(),
			Release:      release.Name,
			Nodes:        int32(count.Nodes),     //nolint:gosec // A cluster has fewer than two thousand million nodes.
			ReadyNodes:   int32(count.Available), //nolint:gosec // As above.
			RuntimeClass: build.RuntimeClass,
		}
		for _, image := range compiled.Compatibility.KnownImageBuilds(build.Build, build.Isolation) {
			statuses[i].ImageBuilds = append(statuses[i].ImageBuilds, image.String())
		}
	}
	return statuses
}

// summary is the builds with their Ready nodes in one line.
func summary(builds []v1alpha1.BuildStatus) string {
	parts := make([]string, len(builds))
	for i := range builds {
		parts[i] = fmt.Sprintf("%s (%d/%d)", builds[i].Build, builds[i].ReadyNodes, builds[i].Nodes)
	}
	return strings.Join(parts, ", ")
}

// rivals are the other policies in force that can select the same pods: those that win over p, and those
// that p wins over, both in order of precedence.
func rivals(p *v1alpha1.WindowsBuildPolicy, all []v1alpha1.WindowsBuildPolicy) (winners, losers []string) {
	var inForce []*policy.Policy
	for i := range all {
		compiled, err := policy.Compile(&all[i])
		if err != nil {
			continue
		}
		meets, err := overlap(&p.Spec, &all[i].Spec)
		if err == nil && meets {
			inForce = append(inForce, compiled)
		}
	}
	before := true
	for _, other := range policy.NewPolicies(inForce).All() {
		switch {
		case other.Name == p.Name:
			before = false
		case before:
			winners = append(winners, other.Name)
		default:
			losers = append(losers, other.Name)
		}
	}
	return winners, losers
}
