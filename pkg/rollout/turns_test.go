package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
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

const waitsForA = "AwaitingTurn Waits for prod/a (Change); 1 of 2 hosts may be out of service at once."

func TestATurnCountsFromWhenItWasGiven(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.expect("a", change, "")
	s.expect("b", change, waitsForA)
	s.expect("a", change, "") // Its status could not be written, so it asks again.
	s.expect("b", change, waitsForA)
}

func TestATurnThatIsReturnedIsTheNextOnes(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.expect("a", change, "")
	s.turns.Give(key("a"))
	s.turns.Give(key("a")) // Returning nothing does no harm.
	s.expect("b", change, "")
}

func TestATurnIsKnownFromTheStatusAloneAfterARestart(t *testing.T) {
	s := newScene(t, windowsHost("a", outOfService(change, now)), windowsHost("b"))
	s.expect("b", change, waitsForA)
	s.restart()
	s.expect("b", change, waitsForA)
	s.expect("a", change, "")
	if s.asked != nil {
		t.Errorf("a host that has its turn was asked about again: %v", s.asked)
	}
}

func TestATurnThatTheCacheHasShownIsOverWhenTheCacheShowsNoneAnyMore(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.expect("a", change, "")
	s.update("a", outOfService(change, now))
	s.expect("b", change, waitsForA)
	s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("b", change, "")
}

func TestATurnIsNotTakenForAnEarlierOneWhoseEndTheCacheHasNotShown(t *testing.T) {
	s := newScene(t, windowsHost("a", outOfService(change, now.Add(-time.Hour))), windowsHost("b"))
	fresh := s.host("a")
	fresh.Status.Disruption = nil // Its end was written, and the cache lags behind.
	if d, err := s.turns.Take(t.Context(), Ask{Host: fresh, Policy: s.policy, Reason: change}); err != nil || !d.May {
		t.Fatalf("%+v, %v", d, err)
	}
	s.expect("b", change, waitsForA)
	s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("b", change, waitsForA) // The turn of now is not in the cache yet.
	s.update("a", outOfService(change, now))
	s.expect("b", change, waitsForA)
	s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("b", change, "")
}

func TestATurnThatNobodyTookIsForgotten(t *testing.T) {
	for sentence, happens := range map[string]func(*scene){
		"because its pass ended": func(s *scene) { s.clock.SetTime(now.Add(maxUnwritten + time.Second)) },
		"because it is deleted":  func(s *scene) { s.delete("a") },
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t, windowsHost("a"), windowsHost("b"))
			s.expect("a", change, "")
			happens(s)
			s.expect("b", change, "")
		})
	}
}

func TestHostsThatWaitComeBeforeOnlyWhileTheyAsk(t *testing.T) {
	const waits = "AwaitingTurn Waits for prod/a (comes first); 1 of 2 hosts may be out of service at once."
	s := newScene(t, windowsHost("a", claiming(change)), windowsHost("b"))
	s.expect("b", change, waits) // It may be about to ask.
	s.clock.SetTime(now.Add(patience + time.Second))
	s.expect("b", change, "") // It was not heard of.
	s.turns.Give(key("b"))

	s.update("b", outOfService(change, s.clock.Now()))
	s.expect("a", change, "AwaitingTurn Waits for prod/b (Change); 1 of 2 hosts may be out of service at once.")
	s.update("b", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.clock.SetTime(s.clock.Now().Add(time.Minute))
	s.expect("b", change, waits) // It has asked lately.
	s.clock.SetTime(s.clock.Now().Add(patience))
	s.expect("b", change, "")
}

func TestHostsOfOtherPoliciesDoNotCount(t *testing.T) {
	s := newScene(t, windowsHost("b"),
		windowsHost("a", outOfService(change, now), func(h *v1alpha1.WindowsHost) { h.Status.Policy = "other" }))
	s.expect("b", change, "")
}

func TestTheGateIsAskedLastAndAboutWhatLeavesForGood(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"), windowsHost("c", outOfService(change, now)),
		windowsHost("d", outOfService(retire, now), func(h *v1alpha1.WindowsHost) { h.Status.Policy = "other" }))
	s.expect("a", change, "AwaitingTurn Waits for prod/c (Change); 1 of 3 hosts may be out of service at once.")
	if s.asked != nil {
		t.Errorf("the gate was asked about a host that may not go anyway: %v", s.asked)
	}
	s.update("c", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("a", change, "")
	if diff := cmp.Diff([][]string{{"node-a", "node-d"}}, s.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAHostWithoutPodsIsNotAskedAbout(t *testing.T) {
	s := newScene(t, windowsHost("a", func(h *v1alpha1.WindowsHost) { h.Status.Node = nil }), windowsHost("b"))
	s.expect("a", v1alpha1.DisruptionRemove, "")
	s.expect("b", v1alpha1.DisruptionJoin, "")
	if s.asked != nil {
		t.Errorf("asked about %v", s.asked)
	}
}

func TestAHostThatSomebodyElseMadeANodeWaitsForItsTurn(t *testing.T) {
	s := newScene(t, windowsHost("a", outOfService(change, now)), windowsHost("b", func(h *v1alpha1.WindowsHost) {
		h.Status.Node.Joined, h.Status.Conditions = false, nil
	}))
	s.expect("b", change, waitsForA)
	s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
	s.expect("b", change, "")
	if diff := cmp.Diff([][]string{{"node-b"}}, s.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAHostStaysWhosePodsWouldBeStranded(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.gate = func(context.Context, []string) (bool, string, error) {
		return false, "pod shop/web-1 would have nowhere to go", nil
	}
	s.expect("a", retire, "WouldStrandWorkloads The host stays: pod shop/web-1 would have nowhere to go.")
	s.gate = nil
	s.update("a", func(h *v1alpha1.WindowsHost) {
		h.Status.Claim = Claim(Ask{Reason: retire}, Decision{Reason: v1alpha1.ReasonWouldStrand}, nil, metav1.NewTime(now))
	})
	s.expect("b", retire, "") // It holds up nobody.
}

func TestWhatTheGateCannotTellIsAnError(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	unavailable := errors.New("the API server is away")
	s.gate = func(context.Context, []string) (bool, string, error) { return false, "", unavailable }
	if _, err := s.tryTake("a", change); !errors.Is(err, unavailable) || !strings.Contains(err.Error(), "node-a") {
		t.Errorf("got %v", err)
	}
	s.gate = nil
	s.expect("b", change, "") // No turn was given.
}

func TestWhatCannotBeListedIsAnError(t *testing.T) {
	s := newScene(t, windowsHost("a"))
	s.listErr = errors.New("the cache has not started")
	if _, err := s.tryTake("a", change); !errors.Is(err, s.listErr) {
		t.Errorf("got %v", err)
	}
}

func TestAGateThatIsSlowForOneHostHoldsUpNoOther(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	entered, release := make(chan struct{}), make(chan struct{})
	s.gate = func(ctx context.Context, nodes []string) (bool, string, error) {
		if nodes[0] == "node-a" {
			close(entered)
			select {
			case <-release:
			case <-ctx.Done():
				return false, "", ctx.Err()
			}
		}
		return true, "", nil
	}
	answer := make(chan Decision)
	go func() {
		d, err := s.turns.Take(t.Context(), Ask{Host: windowsHost("a"), Policy: s.policy, Reason: change, Node: "node-a"})
		if err != nil {
			d.Message = err.Error()
		}
		answer <- d
	}()
	<-entered
	s.expect("b", change, "")
	close(release)
	if d := <-answer; d.May || d.Message != "Waits for prod/b (Change); 1 of 2 hosts may be out of service at once." {
		t.Errorf("a host whose turn was given away meanwhile is told %+v", d)
	}
}

func TestTheGateIsAskedAgainIfAnotherHasBeenLetGoMeanwhile(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.policy.Spec.Rollout = policy(atOnce("2"))
	s.gate = func(_ context.Context, nodes []string) (bool, string, error) {
		if nodes[0] == "node-a" && len(nodes) == 1 {
			s.expect("b", retire, "") // Its pods can go to a, and those of a to b.
		}
		return len(nodes) == 1, "pod shop/web-1 would have nowhere to go", nil
	}
	s.expect("a", retire, "WouldStrandWorkloads The host stays: pod shop/web-1 would have nowhere to go.")
	if diff := cmp.Diff([][]string{{"node-a"}, {"node-b"}, {"node-a", "node-b"}}, s.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAskingTheGateHasAnEnd(t *testing.T) {
	s := newScene(t, windowsHost("a"))
	s.policy.Spec.Rollout = policy(atOnce("100%"))
	s.gate = func(_ context.Context, nodes []string) (bool, string, error) {
		other := fmt.Sprintf("x%d", len(s.asked))
		s.create(windowsHost(other, outOfService(retire, now)))
		return true, "", nil
	}
	s.expect("a", retire, "AwaitingTurn Other hosts were let go while the pods on this one were looked at. It asks again.")
	if len(s.asked) != maxLooks {
		t.Errorf("the gate was asked %d times", len(s.asked))
	}
}

func TestHostsThatAskAtOnceHaveNoMoreTurnsThanMayBe(t *testing.T) {
	var hosts []*v1alpha1.WindowsHost
	for i := range 12 {
		hosts = append(hosts, windowsHost(fmt.Sprintf("h%02d", i)))
	}
	s := newScene(t, hosts...)
	s.policy.Spec.Rollout = policy(atOnce("3"))
	var group sync.WaitGroup
	given := make(chan string, len(hosts))
	for _, h := range hosts {
		group.Go(func() {
			d, err := s.turns.Take(t.Context(), Ask{Host: h, Policy: s.policy, Reason: change, Node: h.Status.Node.Name})
			if err != nil {
				t.Error(err)
			}
			if d.May {
				given <- h.Name
			}
		})
	}
	group.Wait()
	if len(given) != 3 {
		t.Errorf("%d hosts have a turn", len(given))
	}
}

func TestAMachineThatIsReplacedCountsUntilAnotherHasTakenItsPlace(t *testing.T) {
	const waits = "AwaitingTurn Waits for prod/a (Replace); 1 of 2 hosts may be out of service at once."
	newHost := func(name string, joined bool) *v1alpha1.WindowsHost {
		return windowsHost(name, func(h *v1alpha1.WindowsHost) {
			h.CreationTimestamp = metav1.NewTime(now.Add(time.Minute))
			h.Status.Node.Joined = joined
		})
	}
	replaced := func(t *testing.T) *scene {
		t.Helper()
		s := newScene(t, windowsHost("a"), windowsHost("b"))
		s.expect("a", v1alpha1.DisruptionReplace, "")
		s.update("a", outOfService(v1alpha1.DisruptionReplace, now))
		s.expect("b", v1alpha1.DisruptionReplace, waits)
		s.update("a", outOfService(v1alpha1.DisruptionRemove, now)) // Its machine is gone.
		s.expect("b", v1alpha1.DisruptionReplace, "AwaitingTurn Waits for prod/a (Remove); 1 of 2 hosts may be out of service at once.")
		s.delete("a")
		s.expect("b", v1alpha1.DisruptionReplace, waits)
		return s
	}
	t.Run("it has joined", func(t *testing.T) {
		s := replaced(t)
		s.create(newHost("new", false))
		s.expect("b", v1alpha1.DisruptionReplace, waits)
		s.update("new", func(h *v1alpha1.WindowsHost) { h.Status.Node.Joined = true })
		s.expect("b", v1alpha1.DisruptionReplace, "")
	})
	t.Run("it has taken the place of only one", func(t *testing.T) {
		s := replaced(t)
		s.policy.Spec.Rollout = policy(atOnce("2"))
		s.create(windowsHost("c"))
		s.expect("b", v1alpha1.DisruptionReplace, "")
		s.update("b", outOfService(v1alpha1.DisruptionReplace, now))
		s.delete("b")
		s.create(newHost("new", true))
		s.expect("c", v1alpha1.DisruptionReplace, "")
		s.turns.Give(key("c"))
		s.policy.Spec.Rollout = policy(atOnce("1"))
		if d := s.take("c", v1alpha1.DisruptionReplace); d.May {
			t.Error("one machine has taken the place of two")
		}
	})
	t.Run("nobody makes one", func(t *testing.T) {
		s := replaced(t)
		s.clock.SetTime(now.Add(maxProvisioning + time.Second))
		s.expect("b", v1alpha1.DisruptionReplace, "")
	})
	t.Run("it was given up", func(t *testing.T) {
		s := newScene(t, windowsHost("a"), windowsHost("b"))
		s.expect("a", v1alpha1.DisruptionReplace, "")
		s.update("a", outOfService(v1alpha1.DisruptionReplace, now))
		s.expect("b", change, waits)
		s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
		s.expect("b", change, "")
		s.turns.Give(key("b"))
		s.delete("a")
		s.expect("b", change, "")
	})
}

func TestAnswersAreCounted(t *testing.T) {
	s := newScene(t, windowsHost("a"), windowsHost("b"))
	s.expect("a", change, "")
	s.expect("b", change, waitsForA)
	s.expect("b", change, waitsForA)
	want := `
# HELP mullion_rollout_asks_total Times that a host asked for its turn, by the answer: Given, or why not.
# TYPE mullion_rollout_asks_total counter
mullion_rollout_asks_total{answer="AwaitingTurn"} 2
mullion_rollout_asks_total{answer="Given"} 1
`
	if err := testutil.GatherAndCompare(s.metrics, strings.NewReader(want), "mullion_rollout_asks_total"); err != nil {
		t.Error(err)
	}
}
