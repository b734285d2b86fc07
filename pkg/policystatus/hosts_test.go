package policystatus

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlevent "sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// host lives under the policy general and is as it is wanted.
func host(name string, change ...func(*v1alpha1.WindowsHost)) *v1alpha1.WindowsHost {
	h := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: name},
		Status: v1alpha1.WindowsHostStatus{
			Policy:  "general",
			Facts:   &v1alpha1.HostFacts{Build: build2022},
			Node:    &v1alpha1.HostNode{Name: name, Joined: true},
			Applied: &v1alpha1.AppliedConfiguration{NodeConfig: "general", NodeConfigGeneration: 4},
			Conditions: []metav1.Condition{
				{Type: v1alpha1.HostConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAsDesired},
				{Type: v1alpha1.HostConditionUpToDate, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAsDesired},
			},
		},
	}
	for _, c := range change {
		c(h)
	}
	return h
}

func outdated(refusal, message string) func(*v1alpha1.WindowsHost) {
	return func(h *v1alpha1.WindowsHost) {
		meta.SetStatusCondition(&h.Status.Conditions, metav1.Condition{Type: v1alpha1.HostConditionUpToDate, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonOutdated})
		h.Status.Claim = &v1alpha1.HostClaim{Reason: v1alpha1.DisruptionChange, Refusal: refusal, Message: message}
	}
}

func rolledBack(h *v1alpha1.WindowsHost) {
	outdated("", "")(h)
	h.Status.Claim = nil
	h.Status.Applied = &v1alpha1.AppliedConfiguration{RolledBackFrom: "sha256:1"}
}

// configured is a policy under which hosts live.
func configured(change ...func(*v1alpha1.WindowsBuildPolicy)) *v1alpha1.WindowsBuildPolicy {
	p := newPolicy("general", change...)
	p.Spec.Builds[0].NodeConfigRef = &v1alpha1.NodeConfigReference{Name: "general"}
	return p
}

func TestHostsUpToDate(t *testing.T) {
	paused := func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Rollout.Paused = true }
	larger := func(p *v1alpha1.WindowsBuildPolicy) { budget := int32(5); p.Spec.Rollout.FailureBudget = &budget }
	for sentence, c := range map[string]struct {
		policy *v1alpha1.WindowsBuildPolicy
		hosts  []*v1alpha1.WindowsHost
		want   outcome
	}{
		"all are": {configured(), []*v1alpha1.WindowsHost{host("a"), host("b")}, outcome{"True", "RolledOut", "Every host is as the policy wants it."}},
		"all are, though nothing further would be begun": {
			configured(paused), []*v1alpha1.WindowsHost{host("a")}, outcome{"True", "RolledOut", "Every host is as the policy wants it."},
		},
		"one waits": {
			configured(), []*v1alpha1.WindowsHost{host("a"), host("b", outdated(v1alpha1.ReasonAwaitingTurn, ""))},
			outcome{"False", "RollingOut", "Hosts are being brought to what the policy wants: 1 of 2 hosts up to date, 1 waiting."},
		},
		"one has not been looked at since its configuration was changed": {
			configured(), []*v1alpha1.WindowsHost{host("a"), host("b", func(h *v1alpha1.WindowsHost) { h.Status.Applied.NodeConfigGeneration = 3 })},
			outcome{"False", "RollingOut", "Hosts are being brought to what the policy wants: 1 of 2 hosts up to date, 1 waiting."},
		},
		"one is blocked": {
			configured(), []*v1alpha1.WindowsHost{host("a"), host("b", outdated(v1alpha1.ReasonWouldStrand, "The host stays: pod shop/web-1."))},
			outcome{"False", "HostsBlocked", "prod/b is blocked. The host stays: pod shop/web-1."},
		},
		"several are blocked": {
			configured(), []*v1alpha1.WindowsHost{host("a", outdated(v1alpha1.ReasonWouldStrand, "One.")), host("b", outdated(v1alpha1.ReasonWouldStrand, "Two."))},
			outcome{"False", "HostsBlocked", "prod/a is blocked, and another host. One."},
		},
		"many are blocked": {
			configured(), []*v1alpha1.WindowsHost{
				host("a", outdated(v1alpha1.ReasonWouldStrand, "One.")), host("b", outdated(v1alpha1.ReasonWouldStrand, "Two.")), host("c", outdated(v1alpha1.ReasonWouldStrand, "Three.")),
			},
			outcome{"False", "HostsBlocked", "prod/a is blocked, and 2 others. One."},
		},
		"one failed": {
			configured(larger), []*v1alpha1.WindowsHost{host("a"), host("b", rolledBack)},
			outcome{"False", "HostsFailed", "Some hosts could not be changed: 1 of 2 hosts up to date, 1 failed."},
		},
		"it is halted": {
			configured(), []*v1alpha1.WindowsHost{host("a"), host("b", rolledBack)},
			outcome{"False", "RolloutHalted", `Halted: prod/b failed with generation 4 of WindowsNodeConfig "general", and the failure budget is 1. ` +
				`It goes on when WindowsNodeConfig "general" is changed, when they are up to date or removed, or with a larger failureBudget.`},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			given := cluster(c.policy, nil, nil)
			given.NodeConfigs = map[string]int64{"general": 4}
			for _, h := range c.hosts {
				given.Hosts = append(given.Hosts, *h)
			}
			status := Compute(c.policy, given, time.Unix(1_000_000, 0))
			got := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionHostsUpToDate)
			if got == nil || status.Rollout == nil || int(status.Rollout.Hosts) != len(c.hosts) {
				t.Fatalf("%+v, %+v", got, status.Rollout)
			}
			if diff := cmp.Diff(c.want, outcome{got.Status, got.Reason, got.Message}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady); ready.Reason == got.Reason {
				t.Error("the policy's being in force depends on it")
			}
		})
	}
}

func TestAPolicyUnderWhichNoHostLivesHasNoRollout(t *testing.T) {
	p := configured()
	given := cluster(p, nil, nil)
	given.Hosts = []v1alpha1.WindowsHost{*host("x", func(h *v1alpha1.WindowsHost) { h.Status.Policy = "other" })}
	status := Compute(p, given, time.Unix(1_000_000, 0))
	if c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionHostsUpToDate); c != nil || status.Rollout != nil {
		t.Errorf("%+v, %+v", c, status.Rollout)
	}
}

// rollouts is what was told of policies.
type rollouts map[string]*v1alpha1.RolloutStatus

func (r rollouts) Show(policy string, status *v1alpha1.RolloutStatus) { r[policy] = status }
func (r rollouts) Forget(policy string)                               { delete(r, policy) }

func TestARolloutIsAppliedToldAndLookedAtAgainWhenItsTimeHasCome(t *testing.T) {
	p := configured(func(p *v1alpha1.WindowsBuildPolicy) {
		p.Spec.Rollout.MaintenanceWindows = []v1alpha1.MaintenanceWindow{{Schedule: "0 22 * * *", TimeZone: "UTC", Duration: metav1.Duration{Duration: time.Hour}}}
	})
	h := newHarness(t, p, runtimeClass(), host("a"), host("b", outdated(v1alpha1.ReasonOutsideWindow, "")),
		&v1alpha1.WindowsNodeConfig{ObjectMeta: metav1.ObjectMeta{Name: "general", Generation: 4}})
	told := rollouts{}
	r := &Reconciler{Client: h.cluster, Fleet: fleet, Events: h.events, Clock: h.clock, Rollouts: told}
	request := reconcile.Request{NamespacedName: client.ObjectKey{Name: "general"}}
	opening := time.Date(1970, 1, 12, 22, 0, 0, 0, time.UTC)
	for range 2 { // What changes nothing is looked at again all the same.
		result, err := r.Reconcile(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if want := opening.Sub(h.clock.Now()) + time.Second; result.RequeueAfter != want {
			t.Errorf("looks again after %s, want %s", result.RequeueAfter, want)
		}
	}
	status := h.policy("general").Status.Rollout
	if status == nil || status.Summary != "1 of 2 hosts up to date, 1 waiting" || !status.NextWindow.Time.Equal(opening) {
		t.Errorf("%+v", status)
	}
	if h.writes != 1 || told["general"] == nil || told["general"].Hosts != 2 {
		t.Errorf("%d writes, told %+v", h.writes, told["general"])
	}

	h.clock.SetTime(opening)
	if result, err := r.Reconcile(t.Context(), request); err != nil || result.RequeueAfter != 0 {
		t.Errorf("%+v, %v", result, err)
	}
	if status := h.policy("general").Status.Rollout; status.NextWindow != nil {
		t.Errorf("an open window opens at %v", status.NextWindow)
	}

	if err := h.cluster.Delete(t.Context(), h.policy("general")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Reconcile(t.Context(), request); err != nil || len(told) != 0 {
		t.Errorf("of a policy that is gone is told %v (%v)", told, err)
	}
}

func TestHostsAreNotReadWhereTheyAreNotLookedAfter(t *testing.T) {
	h := newHarness(t, configured(), runtimeClass(), host("a"))
	if err := h.reconcile("general"); err != nil {
		t.Fatal(err)
	}
	for _, kind := range h.listed {
		if kind == "*v1alpha1.WindowsHostList" || kind == "*v1alpha1.WindowsNodeConfigList" {
			t.Errorf("%s was listed", kind)
		}
	}
	if status := h.policy("general").Status.Rollout; status != nil || len(h.listed) == 0 {
		t.Errorf("%+v, listed %q", status, h.listed)
	}
}

func TestChangesOfARolloutThatAreTold(t *testing.T) {
	is := func(status metav1.ConditionStatus, reason string) []metav1.Condition {
		return []metav1.Condition{{Type: v1alpha1.ConditionHostsUpToDate, Status: status, Reason: reason, Message: "why"}}
	}
	rolling, blocked := is("False", v1alpha1.ReasonRollingOut), is("False", v1alpha1.ReasonHostsBlocked)
	for sentence, c := range map[string]struct {
		before, after []metav1.Condition
		want          []event
	}{
		"it begins":           {is("True", v1alpha1.ReasonRolledOut), rolling, nil},
		"it is done":          {rolling, is("True", v1alpha1.ReasonRolledOut), []event{{"Normal", "RolledOut", "why"}}},
		"it is blocked":       {rolling, blocked, []event{{"Warning", "HostsBlocked", "why"}}},
		"it is still blocked": {blocked, blocked, nil},
		"it is halted":        {blocked, is("False", v1alpha1.ReasonRolloutHalted), []event{{"Warning", "RolloutHalted", "why"}}},
	} {
		t.Run(sentence, func(t *testing.T) {
			if diff := cmp.Diff(c.want, changes(c.before, c.after), cmp.AllowUnexported(event{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// delayed is a queue of which only what is added with a delay is of interest.
type delayed struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]
	policies []string
}

func (d *delayed) AddAfter(r reconcile.Request, _ time.Duration) {
	d.policies = append(d.policies, r.Name)
}

func TestAPolicyIsLookedAtWhenAHostChangesInWhatConcernsIt(t *testing.T) {
	ctx, h := context.Background(), whenHostsRest()
	changed := func(change func(*v1alpha1.WindowsHost)) func(*delayed) {
		return func(q *delayed) {
			h.Update(ctx, ctrlevent.UpdateEvent{ObjectOld: host("a"), ObjectNew: host("a", change)}, q)
		}
	}
	for sentence, c := range map[string]struct {
		happens func(*delayed)
		want    []string
	}{
		"it is there":                 {func(q *delayed) { h.Create(ctx, ctrlevent.CreateEvent{Object: host("a")}, q) }, []string{"general"}},
		"it is gone":                  {func(q *delayed) { h.Delete(ctx, ctrlevent.DeleteEvent{Object: host("a")}, q) }, []string{"general"}},
		"its policy is another":       {changed(func(h *v1alpha1.WindowsHost) { h.Status.Policy = "b" }), []string{"general", "b"}},
		"its policy is none any more": {changed(func(h *v1alpha1.WindowsHost) { h.Status.Policy = "" }), []string{"general"}},
		"its build is another":        {changed(func(h *v1alpha1.WindowsHost) { h.Status.Facts = nil }), []string{"general", "general"}},
		"it waits":                    {changed(outdated("", "")), []string{"general", "general"}},
		"it has its turn":             {changed(func(h *v1alpha1.WindowsHost) { h.Status.Disruption = &v1alpha1.HostDisruption{} }), []string{"general", "general"}},
		"it has a configuration of its own": {
			changed(func(h *v1alpha1.WindowsHost) { h.Spec.NodeConfigRef = &v1alpha1.NodeConfigReference{} }), []string{"general", "general"},
		},
		"nothing that concerns it": {changed(func(h *v1alpha1.WindowsHost) { h.Status.Step, h.Status.Message = v1alpha1.StepPlan, "Planning." }), nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			q := &delayed{}
			c.happens(q)
			if !slices.Equal(q.policies, c.want) {
				t.Errorf("looked at %q, want %q", q.policies, c.want)
			}
		})
	}
}
