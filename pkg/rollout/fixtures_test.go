package rollout

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// now is a Wednesday.
var now = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)

// The change that is rolled out in most tests, and what hosts have before.
var (
	was    = Change{"general", 1, "old"}
	wanted = Change{"general", 2, "new"}
)

func key(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "prod", Name: name}
}

// serving is a host that has joined long ago and is as it was wanted then. Hosts are as old as their names say.
func serving(name string, change ...func(*Host)) Host {
	h := Host{
		Key: key(name), Created: now.Add(-1000 * time.Hour), Node: name, HasNode: true,
		Available: true, ReadySince: now.Add(-100 * time.Hour), Has: was, Wanted: wanted, AppliedAt: now.Add(-100 * time.Hour),
	}
	for _, c := range change {
		c(&h)
	}
	return h
}

// current has what is wanted, since long.
func current(name string, change ...func(*Host)) Host {
	h := serving(name)
	h.Has, h.UpToDate = wanted, true
	for _, c := range change {
		c(&h)
	}
	return h
}

func wants(reason v1alpha1.DisruptionReason) func(*Host) {
	return func(h *Host) { h.Wants, h.Refusal = reason, v1alpha1.ReasonAwaitingTurn }
}

func toChange(h *Host) { wants(v1alpha1.DisruptionChange)(h) }

func blocked(message string) func(*Host) {
	return func(h *Host) {
		toChange(h)
		h.Refusal, h.Message = v1alpha1.ReasonWouldStrand, message
	}
}

func inTurn(reason v1alpha1.DisruptionReason) func(*Host) {
	return func(h *Host) {
		h.Wants, h.Refusal = "", ""
		h.Available, h.OutBecause = false, "Configuring"
		h.Disruption = &v1alpha1.HostDisruption{Reason: reason, Since: metav1.NewTime(now.Add(-time.Minute))}
	}
}

func changing(h *Host) { inTurn(v1alpha1.DisruptionChange)(h) }

func down(h *Host) { h.Available, h.OutBecause = false, v1alpha1.ReasonNodeNotReady }

func rolledBack(h *Host) { h.Failed = true }

func outdated(h *Host) { h.UpToDate = false }

func withoutNode(h *Host) { h.HasNode, h.Node = false, "" }

func created(ago time.Duration) func(*Host) {
	return func(h *Host) { h.Created = now.Add(-ago) }
}

func changedAgo(ago time.Duration) func(*Host) {
	return func(h *Host) { h.ReadySince, h.AppliedAt = now.Add(-ago), now.Add(-ago-time.Minute) }
}

// policy is settings that leave out canaries, unless they are changed.
func policy(change ...func(*v1alpha1.RolloutPolicy)) v1alpha1.RolloutPolicy {
	p := v1alpha1.RolloutPolicy{Canary: ptr[int32](0)}
	for _, c := range change {
		c(&p)
	}
	return p
}

func ptr[T any](v T) *T { return &v }

func atOnce(value string) func(*v1alpha1.RolloutPolicy) {
	return func(p *v1alpha1.RolloutPolicy) { p.MaxUnavailable = ptr(intstr.Parse(value)) }
}

func canaries(n int32) func(*v1alpha1.RolloutPolicy) {
	return func(p *v1alpha1.RolloutPolicy) { p.Canary = &n }
}

func budget(n int32) func(*v1alpha1.RolloutPolicy) {
	return func(p *v1alpha1.RolloutPolicy) { p.FailureBudget = &n }
}

func pausedPolicy(p *v1alpha1.RolloutPolicy) { p.Paused = true }

func open(schedule, zone string, duration time.Duration) func(*v1alpha1.RolloutPolicy) {
	return func(p *v1alpha1.RolloutPolicy) {
		p.MaintenanceWindows = append(p.MaintenanceWindows, v1alpha1.MaintenanceWindow{
			Schedule: schedule, TimeZone: zone, Duration: metav1.Duration{Duration: duration},
		})
	}
}

// many are hosts that serve, named h00 and so on.
func many(n int, change ...func(*Host)) []Host {
	hosts := make([]Host, n)
	for i := range hosts {
		hosts[i] = serving(fmt.Sprintf("h%02d", i), change...)
	}
	return hosts
}
