package rollout

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const build2022 = "10.0.20348"

// scene is turns over a cache that shows what the test wants it to show.
type scene struct {
	t       *testing.T
	cache   client.Client
	clock   *clocktesting.FakePassiveClock
	policy  *v1alpha1.WindowsBuildPolicy
	turns   *Turns
	metrics *prometheus.Registry
	listErr error

	mu sync.Mutex
	// asked are the nodes of each question to the gate, and gate answers them; nil is open.
	asked [][]string
	gate  func(ctx context.Context, nodes []string) (bool, string, error)
}

func newScene(t *testing.T, hosts ...*v1alpha1.WindowsHost) *scene {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, clock: clocktesting.NewFakePassiveClock(now), metrics: prometheus.NewRegistry()}
	s.policy = &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: "general"}}
	s.policy.Spec.Rollout.Canary = ptr[int32](0)
	s.policy.Spec.Builds = []v1alpha1.BuildRule{{Build: build2022, NodeConfigRef: &v1alpha1.NodeConfigReference{Name: "general"}}}
	objects := []client.Object{&v1alpha1.WindowsNodeConfig{ObjectMeta: metav1.ObjectMeta{Name: "general", Generation: 2}}}
	for _, h := range hosts {
		objects = append(objects, h)
	}
	s.cache = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if s.listErr != nil {
				return s.listErr
			}
			return c.List(ctx, list, options...)
		},
	}).Build()
	s.restart()
	return s
}

// restart forgets whatever the process remembers.
func (s *scene) restart() {
	s.t.Helper()
	s.metrics = prometheus.NewRegistry()
	m, err := NewMetrics(s.metrics)
	if err != nil {
		s.t.Fatal(err)
	}
	s.turns = NewTurns(s.cache, s.ask, s.clock, m)
}

func (s *scene) ask(ctx context.Context, nodes ...string) (bool, string, error) {
	s.mu.Lock()
	s.asked = append(s.asked, slices.Clone(nodes))
	gate := s.gate
	s.mu.Unlock()
	if gate == nil {
		return true, "", nil
	}
	return gate(ctx, nodes)
}

func (s *scene) host(name string) *v1alpha1.WindowsHost {
	s.t.Helper()
	var h v1alpha1.WindowsHost
	if err := s.cache.Get(s.t.Context(), key(name), &h); err != nil {
		s.t.Fatal(err)
	}
	return &h
}

func (s *scene) update(name string, change func(*v1alpha1.WindowsHost)) {
	s.t.Helper()
	h := s.host(name)
	change(h)
	if err := s.cache.Update(s.t.Context(), h); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) delete(name string) {
	s.t.Helper()
	if err := s.cache.Delete(s.t.Context(), s.host(name)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) create(h *v1alpha1.WindowsHost) {
	s.t.Helper()
	if err := s.cache.Create(s.t.Context(), h); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) take(name string, reason v1alpha1.DisruptionReason) Decision {
	s.t.Helper()
	decision, err := s.tryTake(name, reason)
	if err != nil {
		s.t.Fatal(err)
	}
	return decision
}

func (s *scene) tryTake(name string, reason v1alpha1.DisruptionReason) (Decision, error) {
	s.t.Helper()
	h := s.host(name)
	ask := Ask{Host: h, Policy: s.policy, Reason: reason, Digest: "sha256:new"}
	if h.Status.Node != nil {
		ask.Node = h.Status.Node.Name
	}
	return s.turns.Take(s.t.Context(), ask)
}

func (s *scene) expect(name string, reason v1alpha1.DisruptionReason, want string) {
	s.t.Helper()
	got := s.take(name, reason)
	if answer := strings.TrimSpace(got.Reason + " " + got.Message); answer != want || got.May != (want == "") {
		s.t.Errorf("%s is told %q, want %q", name, answer, want)
	}
}

// windowsHost is a host that has joined and serves.
func windowsHost(name string, change ...func(*v1alpha1.WindowsHost)) *v1alpha1.WindowsHost {
	h := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: name, CreationTimestamp: metav1.NewTime(now.Add(-time.Hour))},
		Status: v1alpha1.WindowsHostStatus{
			Phase:  v1alpha1.HostReady,
			Policy: "general",
			Facts:  &v1alpha1.HostFacts{Build: build2022},
			Node:   &v1alpha1.HostNode{Name: "node-" + name, Joined: true},
			Conditions: []metav1.Condition{
				{Type: v1alpha1.HostConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAsDesired, LastTransitionTime: metav1.NewTime(now.Add(-time.Hour))},
			},
		},
	}
	for _, c := range change {
		c(h)
	}
	return h
}

func outOfService(reason v1alpha1.DisruptionReason, since time.Time) func(*v1alpha1.WindowsHost) {
	return func(h *v1alpha1.WindowsHost) {
		h.Status.Disruption = &v1alpha1.HostDisruption{Reason: reason, Since: metav1.NewTime(since)}
	}
}

func claiming(reason v1alpha1.DisruptionReason) func(*v1alpha1.WindowsHost) {
	return func(h *v1alpha1.WindowsHost) {
		h.Status.Claim = &v1alpha1.HostClaim{Reason: reason, Refusal: v1alpha1.ReasonAwaitingTurn, Since: metav1.NewTime(now)}
	}
}

const (
	change = v1alpha1.DisruptionChange
	retire = v1alpha1.DisruptionRetire
)
