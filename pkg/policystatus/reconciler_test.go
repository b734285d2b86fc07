package policystatus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// harness runs the reconciler on an API server in memory.
type harness struct {
	t        *testing.T
	cluster  client.Client
	events   *events.FakeRecorder
	clock    *clocktesting.FakePassiveClock
	writes   int
	listed   []string
	applyErr error
}

func newHarness(t *testing.T, objects ...client.Object) *harness {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	h := &harness{t: t, events: events.NewFakeRecorder(8), clock: clocktesting.NewFakePassiveClock(time.Unix(1_000_000, 0))}
	h.cluster = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.WindowsBuildPolicy{}).
		WithInterceptorFuncs(interceptor.Funcs{
			List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				h.listed = append(h.listed, fmt.Sprintf("%T", list))
				return c.List(ctx, list, options...)
			},
			SubResourceApply: func(ctx context.Context, c client.Client, name string, object runtime.ApplyConfiguration, options ...client.SubResourceApplyOption) error {
				h.writes++
				if h.applyErr != nil {
					return h.applyErr
				}
				return c.SubResource(name).Apply(ctx, object, options...)
			},
		}).Build()
	return h
}

func (h *harness) reconcile(name string) error {
	h.t.Helper()
	r := &Reconciler{Client: h.cluster, Fleet: fleet, Events: h.events, Clock: h.clock}
	_, err := r.Reconcile(h.t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Name: name}})
	return err
}

func (h *harness) policy(name string) *v1alpha1.WindowsBuildPolicy {
	h.t.Helper()
	var p v1alpha1.WindowsBuildPolicy
	if err := h.cluster.Get(h.t.Context(), client.ObjectKey{Name: name}, &p); err != nil {
		h.t.Fatal(err)
	}
	return &p
}

// told are the events since it was last called.
func (h *harness) told() []string {
	var told []string
	for {
		select {
		case e := <-h.events.Events:
			told = append(told, e)
		default:
			return told
		}
	}
}

func TestAStatusIsAppliedOnceAndToldOnce(t *testing.T) {
	h := newHarness(t, newPolicy("general"), runtimeClass())
	for range 3 {
		if err := h.reconcile("general"); err != nil {
			t.Fatal(err)
		}
		h.clock.SetTime(h.clock.Now().Add(time.Hour))
	}
	if h.writes != 1 {
		t.Errorf("the status was applied %d times", h.writes)
	}
	p := h.policy("general")
	if got, want := p.Status.Summary, "10.0.20348 (1/3)"; got != want {
		t.Errorf("summary: got %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"Normal InForce The policy is in force, in mode Enforce."}, h.told()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestAChangeOfTheClusterIsAppliedAndTold(t *testing.T) {
	h := newHarness(t, newPolicy("general"), runtimeClass())
	if err := h.reconcile("general"); err != nil {
		t.Fatal(err)
	}
	h.told()
	foreign := runtimeClass(func(c *nodev1.RuntimeClass) { c.Labels, c.Handler = nil, "other" })
	if err := h.cluster.Delete(t.Context(), runtimeClass()); err != nil {
		t.Fatal(err)
	}
	if err := h.cluster.Create(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	if err := h.reconcile("general"); err != nil {
		t.Fatal(err)
	}
	if told := h.told(); len(told) != 1 || told[0][:len("Warning ForeignRuntimeClass")] != "Warning ForeignRuntimeClass" {
		t.Errorf("told %q", told)
	}
	if c := meta.FindStatusCondition(h.policy("general").Status.Conditions, v1alpha1.ConditionReady); c.Status != metav1.ConditionFalse {
		t.Errorf("the policy is %s", c.Status)
	}
}

func TestConditionsOfOthersAndTheOrderOfConditionsAreNoChange(t *testing.T) {
	p := newPolicy("general")
	after := Compute(p, cluster(p, nil, nil), time.Unix(1_000_000, 0))
	before := *after.DeepCopy()
	before.Conditions = append(before.Conditions, metav1.Condition{Type: "example.com/Reviewed", Status: metav1.ConditionTrue})
	slices.Reverse(before.Conditions)
	if !same(&before, &after) {
		t.Error("taken for a change")
	}
	for name, change := range map[string]func(*v1alpha1.WindowsBuildPolicyStatus){
		"a message":          func(s *v1alpha1.WindowsBuildPolicyStatus) { s.Conditions[1].Message = "tampered" },
		"a condition's loss": func(s *v1alpha1.WindowsBuildPolicyStatus) { s.Conditions = s.Conditions[1:3] },
		"a count":            func(s *v1alpha1.WindowsBuildPolicyStatus) { s.Builds[0].ReadyNodes++ },
		"the summary":        func(s *v1alpha1.WindowsBuildPolicyStatus) { s.Summary = "" },
	} {
		changed := *before.DeepCopy()
		change(&changed)
		if same(&changed, &after) {
			t.Errorf("%s is not taken for a change", name)
		}
	}
}

func TestNothingIsToldThatCouldNotBeApplied(t *testing.T) {
	h := newHarness(t, newPolicy("general"))
	h.applyErr = errors.New("refused")
	if err := h.reconcile("general"); !errors.Is(err, h.applyErr) {
		t.Errorf("got %v", err)
	}
	if told := h.told(); told != nil {
		t.Errorf("told %q", told)
	}
}

func TestADeletedPolicyIsNoError(t *testing.T) {
	h := newHarness(t)
	if err := h.reconcile("gone"); err != nil {
		t.Error(err)
	}
}

func TestChangesThatAreTold(t *testing.T) {
	is := func(kind string, status metav1.ConditionStatus, reason string) []metav1.Condition {
		return []metav1.Condition{{Type: kind, Status: status, Reason: reason, Message: "why"}}
	}
	for name, test := range map[string]struct {
		before, after []metav1.Condition
		want          []event
	}{
		"a policy becomes ready": {
			is(v1alpha1.ConditionReady, "False", v1alpha1.ReasonRuntimeClassPending), is(v1alpha1.ConditionReady, "True", v1alpha1.ReasonInForce),
			[]event{{"Normal", v1alpha1.ReasonInForce, "why"}},
		},
		"a policy stays ready": {
			is(v1alpha1.ConditionReady, "True", v1alpha1.ReasonInForce), is(v1alpha1.ConditionReady, "True", v1alpha1.ReasonInForce), nil,
		},
		"a policy is refused": {
			nil, is(v1alpha1.ConditionAccepted, "False", v1alpha1.ReasonInvalidSpec),
			[]event{{"Warning", v1alpha1.ReasonInvalidSpec, "why"}},
		},
		"a policy begins to overlap": {
			is(v1alpha1.ConditionOverlapping, "False", v1alpha1.ReasonNoOverlap), is(v1alpha1.ConditionOverlapping, "True", v1alpha1.ReasonOverlapping),
			[]event{{"Normal", v1alpha1.ReasonOverlapping, "why"}},
		},
		"a conflict takes the place of another fault": {
			is(v1alpha1.ConditionRuntimeClassesReady, "False", v1alpha1.ReasonForeignRuntimeClass),
			is(v1alpha1.ConditionRuntimeClassesReady, "False", v1alpha1.ReasonRuntimeClassConflict),
			[]event{{"Warning", v1alpha1.ReasonRuntimeClassConflict, "why"}},
		},
		"what passes by itself is not told": {
			nil, is(v1alpha1.ConditionRuntimeClassesReady, "False", v1alpha1.ReasonRuntimeClassPending), nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, changes(test.before, test.after), cmp.AllowUnexported(event{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
