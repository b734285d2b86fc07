package rollout

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Status is how far the hosts of a policy are. It depends on the time only by what is reached: a window that has
// opened, a canary that has been in service for long enough, an estimate that did not come true.
func Status(policy v1alpha1.RolloutPolicy, hosts []Host, now time.Time) v1alpha1.RolloutStatus {
	r := newRules(readSettings(&policy), hosts, now)
	status := v1alpha1.RolloutStatus{Hosts: count(len(hosts))}
	waiting := 0
	for i := range hosts {
		if isOut(&hosts[i]) {
			status.Unavailable++
		}
		if !tally(&status, &hosts[i]) {
			waiting++
		}
	}
	slices.SortFunc(status.Blocking, func(a, b v1alpha1.BlockedHost) int { return strings.Compare(a.Host, b.Host) })
	status.Blocking = status.Blocking[:min(len(status.Blocking), v1alpha1.MaxBlockedHosts)]
	status.Halted = r.halted()
	if !r.open && r.waitsForWindow() {
		if next := r.windows.next(now); !next.IsZero() {
			status.NextWindow = &metav1.Time{Time: next}
		}
	}
	if end := r.estimate(); status.Halted == "" && !end.IsZero() {
		status.EstimatedCompletion = &metav1.Time{Time: end}
	}
	status.Summary = summary(&status, waiting)
	return status
}

// isOut tells whether a host is out of service, by us or otherwise.
func isOut(h *Host) bool { return hasTurn(h) || h.HasNode && !h.Available }

// tally counts a host as one thing or another, so that the summary adds up. False means that it waits for its turn, which
// the status does not count.
func tally(status *v1alpha1.RolloutStatus, h *Host) bool {
	waits := h.Wants != "" && h.Disruption == nil
	blocked := blockOf(h)
	switch {
	case blocked != nil:
		status.Blocked++
		status.Blocking = append(status.Blocking, *blocked)
	case h.Disruption != nil:
		status.InProgress++
	case h.Failed:
		status.Failed++
	case waits:
		return false
	case isBehind(h):
		return false
	case h.UpToDate:
		status.UpToDate++
	}
	return true
}

// isBehind tells whether a host was not looked at since its WindowsNodeConfig is another one. What it says of itself is of
// before: it is about to be looked at, or cannot be reached, and then nobody may be told that all hosts are up to date.
func isBehind(h *Host) bool {
	known := h.HasNode && h.UpToDate && h.Wanted.NodeConfig != ""
	return known && (h.Has.NodeConfig != h.Wanted.NodeConfig || h.Has.Generation != h.Wanted.Generation)
}

func count(n int) int32 {
	return int32(n) //nolint:gosec // A cluster has fewer than two thousand million hosts.
}

// blockOf says what of what runs on a host keeps it from being changed; nil where nothing does.
func blockOf(h *Host) *v1alpha1.BlockedHost {
	switch {
	case h.Disruption == nil && h.Wants != "" && h.Refusal == v1alpha1.ReasonWouldStrand:
		return &v1alpha1.BlockedHost{Host: h.Key.String(), Reason: h.Refusal, Message: h.Message}
	case h.DrainBlocked != "":
		return &v1alpha1.BlockedHost{Host: h.Key.String(), Reason: v1alpha1.ReasonDrainBlocked, Message: h.DrainBlocked}
	default:
		return nil
	}
}

// halted says why no further host is begun; empty where it is not so.
func (r *rules) halted() string {
	if r.problem != nil {
		return r.problemMessage()
	}
	var messages []string
	if r.paused {
		messages = append(messages, pausedMessage)
	}
	for _, change := range slices.SortedFunc(maps.Keys(r.progress), compareChanges) {
		if failed := r.progress[change].failed; len(failed) >= r.failureBudget {
			messages = append(messages, r.haltedMessage(change, failed))
		}
	}
	return strings.Join(messages, " ")
}

func compareChanges(a, b Change) int {
	return cmp.Or(cmp.Compare(a.NodeConfig, b.NodeConfig), cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.Digest, b.Digest))
}

// waitsForWindow tells whether a host waits for what may not be done outside of maintenance windows.
func (r *rules) waitsForWindow() bool {
	return slices.ContainsFunc(r.hosts, func(h Host) bool {
		return h.Disruption == nil && takesPods(&h) && h.Wants != v1alpha1.DisruptionRemove
	})
}

func summary(s *v1alpha1.RolloutStatus, waiting int) string {
	parts := []string{fmt.Sprintf("%d of %s up to date", s.UpToDate, countOf(int(s.Hosts), "host", "hosts"))}
	for _, p := range []struct {
		n    int32
		what string
	}{
		{s.InProgress, "changing"}, {count(waiting), "waiting"}, {s.Blocked, "blocked"}, {s.Failed, "failed"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if s.Halted != "" {
		parts = append(parts, "halted")
	}
	return strings.Join(parts, ", ")
}
