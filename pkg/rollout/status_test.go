package rollout

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestStatus(t *testing.T) {
	const halted = `Halted: prod/a and prod/b failed with generation 2 of WindowsNodeConfig "general", and the failure budget is 2. ` +
		`It goes on when WindowsNodeConfig "general" is changed, when they are up to date or removed, or with a larger failureBudget.`
	doneAgo := func(ago time.Duration) func(*Host) { return func(h *Host) { h.AppliedAt = now.Add(-ago) } }
	for sentence, c := range map[string]struct {
		policy v1alpha1.RolloutPolicy
		hosts  []Host
		want   v1alpha1.RolloutStatus
	}{
		"all are up to date": {
			hosts: []Host{current("a"), current("b")},
			want:  v1alpha1.RolloutStatus{Summary: "2 of 2 hosts up to date", Hosts: 2, UpToDate: 2},
		},
		"each host is one thing, and unavailable whatever it is": {
			hosts: []Host{
				current("a"), current("b", down), serving("c", changing), serving("d", toChange), serving("e", blocked("Pod x.")),
				serving("f", rolledBack), serving("g", inTurn(v1alpha1.DisruptionJoin), withoutNode), serving("h"),
			},
			policy: policy(budget(2)),
			want: v1alpha1.RolloutStatus{
				Summary: "2 of 8 hosts up to date, 2 changing, 1 waiting, 1 blocked, 1 failed",
				Hosts:   8, UpToDate: 2, InProgress: 2, Blocked: 1, Failed: 1, Unavailable: 2,
				Blocking: []v1alpha1.BlockedHost{{Host: "prod/e", Reason: "WouldStrandWorkloads", Message: "Pod x."}},
			},
		},
		"a host whose drain is blocked is blocked": {
			hosts: []Host{serving("a", changing, func(h *Host) { h.DrainBlocked = "PodDisruptionBudget shop/web." })},
			want: v1alpha1.RolloutStatus{
				Summary: "0 of 1 host up to date, 1 blocked", Hosts: 1, Blocked: 1, Unavailable: 1,
				Blocking: []v1alpha1.BlockedHost{{Host: "prod/a", Reason: "DrainBlocked", Message: "PodDisruptionBudget shop/web."}},
			},
		},
		"a host that is up to date and waits for a reboot is not done": {
			hosts: []Host{current("a", wants(v1alpha1.DisruptionReboot))},
			want:  v1alpha1.RolloutStatus{Summary: "0 of 1 host up to date, 1 waiting", Hosts: 1},
		},
		"a host that was not looked at since its configuration was changed is not done": {
			hosts: []Host{current("a"), serving("b", func(h *Host) { h.UpToDate = true })},
			want:  v1alpha1.RolloutStatus{Summary: "1 of 2 hosts up to date, 1 waiting", Hosts: 2, UpToDate: 1},
		},
		"a host that was given back has nothing to be looked at": {
			hosts: []Host{serving("a", withoutNode, func(h *Host) { h.UpToDate = true })},
			want:  v1alpha1.RolloutStatus{Summary: "1 of 1 host up to date", Hosts: 1, UpToDate: 1},
		},
		"as many have failed as may": {
			policy: policy(budget(2)), hosts: []Host{serving("b", rolledBack), serving("a", rolledBack), serving("c", toChange)},
			want: v1alpha1.RolloutStatus{Summary: "0 of 3 hosts up to date, 1 waiting, 2 failed, halted", Hosts: 3, Failed: 2, Halted: halted},
		},
		"paused": {
			policy: policy(pausedPolicy), hosts: []Host{current("a")},
			want: v1alpha1.RolloutStatus{
				Summary: "1 of 1 host up to date, halted", Hosts: 1, UpToDate: 1,
				Halted: "The rollout is paused by spec.rollout.paused of the policy.",
			},
		},
		"settings that cannot be read": {
			policy: policy(open("nonsense", "UTC", time.Hour)), hosts: []Host{current("a")},
			want: v1alpha1.RolloutStatus{
				Summary: "1 of 1 host up to date, halted", Hosts: 1, UpToDate: 1,
				Halted: "Nothing begins before the policy's settings are corrected: spec.rollout.maintenanceWindows[0].schedule: " +
					"expected exactly 5 fields, found 1: [nonsense].",
			},
		},
		"something waits for a window": {
			policy: policy(open("0 22 * * *", "UTC", time.Hour)), hosts: []Host{serving("a", toChange)},
			want: v1alpha1.RolloutStatus{
				Summary: "0 of 1 host up to date, 1 waiting", Hosts: 1, NextWindow: &metav1.Time{Time: now.Add(10 * time.Hour)},
			},
		},
		"nothing waits for a window": {
			policy: policy(open("0 22 * * *", "UTC", time.Hour)), hosts: []Host{current("a")},
			want: v1alpha1.RolloutStatus{Summary: "1 of 1 host up to date", Hosts: 1, UpToDate: 1},
		},
		"what is removed waits for no window": {
			policy: policy(open("0 22 * * *", "UTC", time.Hour)), hosts: []Host{serving("a", wants(v1alpha1.DisruptionRemove))},
			want: v1alpha1.RolloutStatus{Summary: "0 of 1 host up to date, 1 waiting", Hosts: 1},
		},
		"at the pace of three in 20 minutes, two more take 20 minutes from the last": {
			hosts: []Host{
				current("a", doneAgo(25*time.Minute)), current("b", doneAgo(15*time.Minute)), current("c", doneAgo(5*time.Minute)),
				serving("d", changing), serving("e", toChange),
			},
			want: v1alpha1.RolloutStatus{
				Summary: "3 of 5 hosts up to date, 1 changing, 1 waiting", Hosts: 5, UpToDate: 3, InProgress: 1, Unavailable: 1,
				EstimatedCompletion: &metav1.Time{Time: now.Add(15 * time.Minute)},
			},
		},
		"of one that is done there is no pace": {
			hosts: []Host{current("a", doneAgo(time.Minute)), serving("d", toChange)},
			want:  v1alpha1.RolloutStatus{Summary: "1 of 2 hosts up to date, 1 waiting", Hosts: 2, UpToDate: 1},
		},
		"an estimate that did not come true is none": {
			hosts: []Host{current("a", doneAgo(3*time.Hour)), current("b", doneAgo(2*time.Hour)), serving("d", toChange)},
			want:  v1alpha1.RolloutStatus{Summary: "2 of 3 hosts up to date, 1 waiting", Hosts: 3, UpToDate: 2},
		},
		"beyond the end of the window there is no estimate": {
			policy: policy(open("0 11 * * *", "UTC", 62*time.Minute)),
			hosts:  []Host{current("a", doneAgo(8*time.Minute)), current("b", doneAgo(3*time.Minute)), serving("d", toChange)},
			want:   v1alpha1.RolloutStatus{Summary: "2 of 3 hosts up to date, 1 waiting", Hosts: 3, UpToDate: 2},
		},
		"before the end of the window there is": {
			policy: policy(open("0 11 * * *", "UTC", 63*time.Minute)),
			hosts:  []Host{current("a", doneAgo(8*time.Minute)), current("b", doneAgo(3*time.Minute)), serving("d", toChange)},
			want: v1alpha1.RolloutStatus{
				Summary: "2 of 3 hosts up to date, 1 waiting", Hosts: 3, UpToDate: 2,
				EstimatedCompletion: &metav1.Time{Time: now.Add(2 * time.Minute)},
			},
		},
		"while a host is blocked there is no estimate": {
			hosts: []Host{current("a", doneAgo(8*time.Minute)), current("b", doneAgo(3*time.Minute)), serving("d", toChange), serving("e", blocked("x"))},
			want: v1alpha1.RolloutStatus{
				Summary: "2 of 4 hosts up to date, 1 waiting, 1 blocked", Hosts: 4, UpToDate: 2, Blocked: 1,
				Blocking: []v1alpha1.BlockedHost{{Host: "prod/e", Reason: "WouldStrandWorkloads", Message: "x"}},
			},
		},
		"what was done of another change says nothing of the pace": {
			hosts: []Host{
				current("a", doneAgo(8*time.Minute), func(h *Host) { h.Wanted, h.Has = Change{"x", 1, "x"}, Change{"x", 1, "x"} }),
				current("b", doneAgo(3*time.Minute)), serving("d", toChange),
			},
			want: v1alpha1.RolloutStatus{Summary: "2 of 3 hosts up to date, 1 waiting", Hosts: 3, UpToDate: 2},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Status(c.policy, c.hosts, now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStatusNamesTheFirstOfManyThatAreBlocked(t *testing.T) {
	status := Status(policy(), many(30, blocked("x")), now)
	if len(status.Blocking) != v1alpha1.MaxBlockedHosts || status.Blocked != 30 {
		t.Errorf("%d of %d are named", len(status.Blocking), status.Blocked)
	}
	if got := status.Blocking[9].Host; got != "prod/h09" {
		t.Errorf("the last that is named is %s", got)
	}
}

func TestAStatusDoesNotChangeWithTheTimeAlone(t *testing.T) {
	hosts := []Host{current("a", changedAgo(20*time.Minute)), current("b", changedAgo(2*time.Minute)), serving("c", changing), serving("d", toChange)}
	first := Status(policy(), hosts, now)
	if diff := cmp.Diff(first, Status(policy(), hosts, now.Add(time.Minute))); diff != "" || first.EstimatedCompletion == nil {
		t.Errorf("(-first +later):\n%s", diff)
	}
}

func TestManyNamesAreCounted(t *testing.T) {
	for n, want := range map[int]string{
		1: "prod/h00", 2: "prod/h00 and prod/h01", 3: "prod/h00, prod/h01 and prod/h02",
		6: "prod/h00, prod/h01, prod/h02, prod/h03, prod/h04 and 1 other", 9: "prod/h00, prod/h01, prod/h02, prod/h03, prod/h04 and 4 others",
	} {
		hosts := many(n)
		var pointers []*Host
		for i := range hosts {
			pointers = append(pointers, &hosts[i])
		}
		if got := names(pointers); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestMetricsFollowTheStatusOfAPolicy(t *testing.T) {
	s := newScene(t)
	shown := func() string {
		families, err := s.metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, f := range families {
			for _, m := range f.GetMetric() {
				var labels []string
				for _, l := range m.GetLabel() {
					labels = append(labels, l.GetValue())
				}
				lines = append(lines, fmt.Sprintf("%s %s %v", strings.TrimPrefix(f.GetName(), "mullion_rollout_"), strings.Join(labels, "/"), m.GetGauge().GetValue()))
			}
		}
		return strings.Join(lines, "\n")
	}
	s.turns.metrics.Show("general", &v1alpha1.RolloutStatus{Hosts: 9, UpToDate: 4, InProgress: 2, Blocked: 1, Failed: 1, Unavailable: 3, Halted: "why"})
	want := `halted general 1
hosts general/blocked 1
hosts general/failed 1
hosts general/in_progress 2
hosts general/total 9
hosts general/unavailable 3
hosts general/up_to_date 4`
	if diff := cmp.Diff(want, shown()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.turns.metrics.Show("general", nil)
	if got := shown(); got != "" {
		t.Errorf("of a policy without hosts is shown:\n%s", got)
	}
	var none *Metrics
	none.Show("general", nil)
	none.Forget("general")
	none.asked(Decision{})
}
