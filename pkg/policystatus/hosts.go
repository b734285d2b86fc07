package policystatus

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// rolloutOf is how far the hosts are that live under the policy; nil where there are none. Hosts of a policy that is not
// valid stay as they are, and are shown as they are.
func rolloutOf(p *v1alpha1.WindowsBuildPolicy, cluster *Cluster, now time.Time) *v1alpha1.RolloutStatus {
	hosts := rollout.OfPolicy(p, cluster.Hosts, cluster.NodeConfigs)
	if len(hosts) == 0 {
		return nil
	}
	status := rollout.Status(p.Spec.Rollout, hosts, now)
	return &status
}

// hostsUpToDate sums up a rollout so that it can be waited for. Of several reasons the one is given that needs a person
// most.
func hostsUpToDate(s *v1alpha1.RolloutStatus) metav1.Condition {
	const kind = v1alpha1.ConditionHostsUpToDate
	switch {
	case s.UpToDate == s.Hosts:
		return condition(kind, metav1.ConditionTrue, v1alpha1.ReasonRolledOut, "Every host is as the policy wants it.")
	case s.Halted != "":
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonRolloutHalted, s.Halted)
	case s.Failed > 0:
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonHostsFailed,
			fmt.Sprintf("Some hosts could not be changed: %s.", s.Summary))
	case len(s.Blocking) > 0:
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonHostsBlocked,
			fmt.Sprintf("%s is blocked%s. %s", s.Blocking[0].Host, others(s.Blocked-1), s.Blocking[0].Message))
	default:
		return condition(kind, metav1.ConditionFalse, v1alpha1.ReasonRollingOut,
			fmt.Sprintf("Hosts are being brought to what the policy wants: %s.", s.Summary))
	}
}

func others(n int32) string {
	switch n {
	case 0:
		return ""
	case 1:
		return ", and another host"
	default:
		return fmt.Sprintf(", and %d others", n)
	}
}

// lookAgain is after how long the status would be another though nothing has changed but the time; zero for never.
func lookAgain(s *v1alpha1.RolloutStatus, now time.Time) time.Duration {
	var after time.Duration
	if s == nil {
		return after
	}
	for _, reached := range []*metav1.Time{s.NextWindow, s.EstimatedCompletion} {
		if reached == nil {
			continue
		}
		if d := max(reached.Sub(now), 0) + time.Second; after == 0 || d < after {
			after = d
		}
	}
	return after
}
