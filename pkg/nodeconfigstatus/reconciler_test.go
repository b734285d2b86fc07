package nodeconfigstatus

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/util/workqueue"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// harness runs the reconciler on an API server in memory.
type harness struct {
	t          *testing.T
	cluster    client.Client
	reconciler *Reconciler
	clock      *clocktesting.FakePassiveClock
	server     string
	serverErr  error
	writes     int
	applyErr   error
	listErr    error
}

func newHarness(t *testing.T, objects ...client.Object) *harness {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, clock: clocktesting.NewFakePassiveClock(time.Unix(1_000_000, 0)), server: "v1.37.4"}
	h.cluster = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.WindowsNodeConfig{}).
		WithInterceptorFuncs(interceptor.Funcs{
			List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				if h.listErr != nil {
					return h.listErr
				}
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
	h.reconciler = &Reconciler{Client: h.cluster, Clock: h.clock, Cluster: func(context.Context) (nodeconfig.Cluster, error) {
		if h.serverErr != nil {
			return nodeconfig.Cluster{}, h.serverErr
		}
		return nodeconfig.Cluster{ServerVersion: version.MustParseSemantic(h.server)}, nil
	}}
	return h
}

func (h *harness) reconcile() (reconcile.Result, error) {
	return h.reconciler.Reconcile(h.t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Name: "general"}})
}

func (h *harness) expectReconciled() *v1alpha1.WindowsNodeConfig {
	h.t.Helper()
	result, err := h.reconcile()
	if err != nil {
		h.t.Fatal(err)
	}
	if result.RequeueAfter != askAgain {
		h.t.Errorf("looks again after %s", result.RequeueAfter)
	}
	var c v1alpha1.WindowsNodeConfig
	if err := h.cluster.Get(h.t.Context(), client.ObjectKey{Name: "general"}, &c); err != nil {
		h.t.Fatal(err)
	}
	return &c
}

func ref[T any](v T) *T { return &v }

func TestAStatusIsAppliedOnceAndFollowsTheCluster(t *testing.T) {
	h := newHarness(t, config(), ref(buildPolicy("general", rule(build, "general"))), ref(host("a")), ref(host("b", outdated)))
	for range 3 {
		h.expectReconciled()
		h.clock.SetTime(h.clock.Now().Add(time.Hour))
	}
	c := h.expectReconciled()
	if h.writes != 1 || c.Status.Hosts != 2 || c.Status.CurrentHosts != 1 || !meta.IsStatusConditionTrue(c.Status.Conditions, v1alpha1.NodeConfigConditionReady) {
		t.Errorf("%d writes: %+v", h.writes, c.Status)
	}
	used := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.NodeConfigConditionUsed).LastTransitionTime

	h.server = "v1.36.0"
	c = h.expectReconciled()
	if h.writes != 2 || !meta.IsStatusConditionFalse(c.Status.Conditions, v1alpha1.NodeConfigConditionReady) {
		t.Errorf("%d writes: %+v", h.writes, c.Status)
	}
	if got := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.NodeConfigConditionUsed).LastTransitionTime; !got.Equal(&used) {
		t.Error("what has not changed has the time of what has")
	}

	h.serverErr = errors.New("no answer")
	c = h.expectReconciled()
	if got := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.NodeConfigConditionReady); got.Status != metav1.ConditionUnknown {
		t.Errorf("%+v", got)
	}
	if c.Status.Hosts != 2 {
		t.Error("hosts are not counted while the API servers' version is not known")
	}
}

func TestConditionsOfOthersAndTheOrderOfConditionsAreNoChange(t *testing.T) {
	after := Compute(config(), &Cluster{}, time.Unix(1, 0))
	before := *after.DeepCopy()
	before.Conditions = append(before.Conditions, metav1.Condition{Type: "example.com/Reviewed", Status: metav1.ConditionTrue})
	slices.Reverse(before.Conditions)
	if !same(&before, &after) {
		t.Error("taken for a change")
	}
	before.Hosts++
	if same(&before, &after) {
		t.Error("a count is not taken for a change")
	}
}

func TestWhatFailsIsTriedAgain(t *testing.T) {
	refused := errors.New("refused")
	for sentence, fails := range map[string]func(*harness){
		"writing the status": func(h *harness) { h.applyErr = refused },
		"listing":            func(h *harness) { h.listErr = refused },
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHarness(t, config())
			fails(h)
			if _, err := h.reconcile(); !errors.Is(err, refused) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestADeletedConfigurationIsNoError(t *testing.T) {
	h := newHarness(t)
	if result, err := h.reconcile(); err != nil || result.RequeueAfter != 0 {
		t.Errorf("%+v, %v", result, err)
	}
}

// delayed is a queue of which only what is added with a delay is of interest.
type delayed struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]
	names []string
}

func (d *delayed) AddAfter(r reconcile.Request, _ time.Duration) { d.names = append(d.names, r.Name) }

func TestEveryConfigurationIsLookedAtWhenAHostOrAPolicyChanges(t *testing.T) {
	h := newHarness(t, config(), config(func(c *v1alpha1.WindowsNodeConfig) { c.Name = "trial" }))
	handler, q := h.reconciler.everyConfig(), &delayed{}
	handler.Create(t.Context(), event.CreateEvent{}, q)
	handler.Update(t.Context(), event.UpdateEvent{}, q)
	handler.Delete(t.Context(), event.DeleteEvent{}, q)
	if want := []string{"general", "trial", "general", "trial", "general", "trial"}; !slices.Equal(q.names, want) {
		t.Errorf("looked at %q", q.names)
	}
	h.listErr = errors.New("refused")
	handler.Create(t.Context(), event.CreateEvent{}, q) // Is logged, and the next change looks again.
}

func TestChangesOfAHostThatConcernConfigurations(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(*v1alpha1.WindowsHost)
		want   bool
	}{
		"it has another generation": {outdated, true},
		"it is not up to date":      {drifted, true},
		"it has another build":      {func(h *v1alpha1.WindowsHost) { h.Status.Facts = nil }, true},
		"it could not be given its configuration": {func(h *v1alpha1.WindowsHost) {
			h.Status.LastError = &v1alpha1.HostError{Reason: v1alpha1.ReasonBundleUnavailable, Message: "x"}
		}, true},
		"its spec has changed":                     {func(h *v1alpha1.WindowsHost) { h.Generation++ }, true},
		"it has none any more":                     {func(h *v1alpha1.WindowsHost) { h.Status.Applied = nil }, true},
		"a step that concerns no configuration":    {func(h *v1alpha1.WindowsHost) { h.Status.Step = v1alpha1.StepPlan }, false},
		"a message that concerns no configuration": {func(h *v1alpha1.WindowsHost) { h.Status.Message = "x" }, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := hostChanged().Update(event.UpdateEvent{ObjectOld: ref(host("a")), ObjectNew: ref(host("a", c.change))}); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
