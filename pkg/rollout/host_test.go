package rollout

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestOfHostReadsTheStatus(t *testing.T) {
	since, applied := metav1.NewTime(now.Add(-time.Hour)), metav1.NewTime(now.Add(-2*time.Hour))
	condition := func(kind string, status metav1.ConditionStatus, reason string) func(*v1alpha1.WindowsHost) {
		return func(h *v1alpha1.WindowsHost) {
			h.Status.Conditions = append(h.Status.Conditions, metav1.Condition{
				Type: kind, Status: status, Reason: reason, Message: "Why.", LastTransitionTime: since,
			})
		}
	}
	ready := func(status metav1.ConditionStatus, reason string) func(*v1alpha1.WindowsHost) {
		return condition(v1alpha1.HostConditionReady, status, reason)
	}
	failedIn := func(step v1alpha1.HostStep) func(*v1alpha1.WindowsHost) {
		return func(h *v1alpha1.WindowsHost) {
			h.Status.Phase, h.Status.LastError = v1alpha1.HostFailed, &v1alpha1.HostError{Step: step}
		}
	}
	applies := func(a v1alpha1.AppliedConfiguration) func(*v1alpha1.WindowsHost) {
		return func(h *v1alpha1.WindowsHost) { h.Status.Applied = &a }
	}
	joined := func(h *v1alpha1.WindowsHost) { h.Status.Node = &v1alpha1.HostNode{Name: "n", Joined: true} }
	wantsDigest := func(digest string) func(*v1alpha1.WindowsHost) {
		return func(h *v1alpha1.WindowsHost) { h.Status.Plan = &v1alpha1.HostPlan{Digest: digest} }
	}
	turn := &v1alpha1.HostDisruption{Reason: "Change", Digest: "new", Since: since}
	for sentence, c := range map[string]struct {
		status []func(*v1alpha1.WindowsHost)
		want   Host
	}{
		"nothing is known yet": {nil, Host{OutBecause: "NotYet"}},
		"it serves and is up to date": {
			[]func(*v1alpha1.WindowsHost){joined, ready("True", "AsDesired"), condition("UpToDate", "True", "AsDesired"),
				applies(v1alpha1.AppliedConfiguration{NodeConfig: "general", NodeConfigGeneration: 2, Digest: "new", Time: applied})},
			Host{Node: "n", HasNode: true, Available: true, ReadySince: since.Time, UpToDate: true, Has: wanted, AppliedAt: applied.Time},
		},
		"it is out of service": {
			[]func(*v1alpha1.WindowsHost){joined, ready("False", "NodeNotReady")}, Host{Node: "n", HasNode: true, OutBecause: "NodeNotReady"},
		},
		"it cannot be told whether it serves": {
			[]func(*v1alpha1.WindowsHost){joined, ready("Unknown", "Unreachable")}, Host{Node: "n", HasNode: true, OutBecause: "Unreachable"},
		},
		"it is outdated, and serves": {
			[]func(*v1alpha1.WindowsHost){joined, ready("False", "Outdated")}, Host{Node: "n", HasNode: true, Available: true},
		},
		"it waits for its turn, and serves": {
			[]func(*v1alpha1.WindowsHost){joined, ready("False", "WouldStrandWorkloads"), func(h *v1alpha1.WindowsHost) {
				h.Status.Claim = &v1alpha1.HostClaim{Reason: "Retire", Refusal: "WouldStrandWorkloads", Message: "The host stays."}
			}},
			Host{Node: "n", HasNode: true, Available: true, Wants: "Retire", Refusal: "WouldStrandWorkloads", Message: "The host stays."},
		},
		"it has its turn, and waits for none": {
			[]func(*v1alpha1.WindowsHost){joined, func(h *v1alpha1.WindowsHost) {
				h.Status.Claim, h.Status.Disruption = &v1alpha1.HostClaim{Reason: "Change"}, turn
			}, condition("Draining", "True", "DrainBlocked")},
			Host{Node: "n", HasNode: true, OutBecause: "NotYet", Disruption: turn, DrainBlocked: "Why."},
		},
		"it had its pods given back, and blocks for a while": {
			[]func(*v1alpha1.WindowsHost){joined, ready("True", "AsDesired"), condition("Draining", "False", "DrainBlocked")},
			Host{Node: "n", HasNode: true, Available: true, ReadySince: since.Time, DrainBlocked: "Why."},
		},
		"it is drained": {
			[]func(*v1alpha1.WindowsHost){condition("Draining", "True", "Drained")}, Host{OutBecause: "NotYet"},
		},
		"it is to become a node": {
			[]func(*v1alpha1.WindowsHost){func(h *v1alpha1.WindowsHost) { h.Status.Node = &v1alpha1.HostNode{Name: "n"} }},
			Host{Node: "n", OutBecause: "NotYet"},
		},
		"it was given back": {
			[]func(*v1alpha1.WindowsHost){joined, func(h *v1alpha1.WindowsHost) { h.Status.Phase = v1alpha1.HostRetired }},
			Host{Node: "n", OutBecause: "NotYet"},
		},
		"it was rolled back": {
			[]func(*v1alpha1.WindowsHost){joined, applies(v1alpha1.AppliedConfiguration{NodeConfig: "general", NodeConfigGeneration: 1, Digest: "old", RolledBackFrom: "new"})},
			Host{Node: "n", HasNode: true, OutBecause: "NotYet", Has: was, Failed: true},
		},
		"it was rolled back from what it is still to have": {
			[]func(*v1alpha1.WindowsHost){joined, wantsDigest("new"), applies(v1alpha1.AppliedConfiguration{RolledBackFrom: "new"})},
			Host{Node: "n", HasNode: true, OutBecause: "NotYet", Failed: true},
		},
		"it was rolled back from what it is not to have any more": {
			[]func(*v1alpha1.WindowsHost){joined, wantsDigest("newer"), applies(v1alpha1.AppliedConfiguration{RolledBackFrom: "new"})},
			Host{Node: "n", HasNode: true, OutBecause: "NotYet"},
		},
		"it was rolled back once, and is up to date with something newer": {
			[]func(*v1alpha1.WindowsHost){joined, condition("UpToDate", "True", "AsDesired"), applies(v1alpha1.AppliedConfiguration{RolledBackFrom: "new"})},
			Host{Node: "n", HasNode: true, OutBecause: "NotYet", UpToDate: true},
		},
		"it is a node already, and waits to be taken over": {
			[]func(*v1alpha1.WindowsHost){ready("False", "AwaitingTurn"), func(h *v1alpha1.WindowsHost) {
				h.Status.Node, h.Status.Claim = &v1alpha1.HostNode{Name: "n"}, &v1alpha1.HostClaim{Reason: "Change"}
			}},
			Host{Node: "n", HasNode: true, Available: true, Wants: "Change"},
		},
		"it is a node already, and is taken over": {
			[]func(*v1alpha1.WindowsHost){func(h *v1alpha1.WindowsHost) {
				h.Status.Node, h.Status.Disruption = &v1alpha1.HostNode{Name: "n"}, turn
			}},
			Host{Node: "n", HasNode: true, OutBecause: "NotYet", Disruption: turn},
		},
		"it waits to join": {
			[]func(*v1alpha1.WindowsHost){func(h *v1alpha1.WindowsHost) {
				h.Status.Node, h.Status.Claim = &v1alpha1.HostNode{Name: "n"}, &v1alpha1.HostClaim{Reason: "Join"}
			}},
			Host{Node: "n", OutBecause: "NotYet", Wants: "Join"},
		},
		"it failed to be changed": {
			[]func(*v1alpha1.WindowsHost){joined, failedIn(v1alpha1.StepVerify)}, Host{Node: "n", HasNode: true, OutBecause: "NotYet", Failed: true},
		},
		"it could not be reached, which is no fault of the change": {
			[]func(*v1alpha1.WindowsHost){joined, failedIn(v1alpha1.StepConnect)}, Host{Node: "n", HasNode: true, OutBecause: "NotYet"},
		},
		"it failed to join for the first time, which is no fault of the change": {
			[]func(*v1alpha1.WindowsHost){failedIn(v1alpha1.StepJoin)}, Host{OutBecause: "NotYet"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			h := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: "x", CreationTimestamp: applied}}
			for _, change := range c.status {
				change(h)
			}
			c.want.Key, c.want.Created = key("x"), applied.Time
			if diff := cmp.Diff(c.want, OfHost(h)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
