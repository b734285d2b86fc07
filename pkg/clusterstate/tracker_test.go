package clusterstate

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus/testutil"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

const (
	build2019 = "10.0.17763"
	build2022 = "10.0.20348"
	build2025 = "10.0.26100"
)

func TestChangesReachTheSnapshot(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	for name, test := range map[string]struct {
		before, change func(*Tracker)
		want           policy.BuildCount
		wantPolicies   []string
	}{
		"a node is added": {
			change: func(t *Tracker) { t.putNode(node("a", build2022)) },
			want:   policy.BuildCount{Nodes: 1, Available: 1},
		},
		"a node becomes NotReady": {
			before: func(t *Tracker) { t.putNode(node("a", build2022)) },
			change: func(t *Tracker) { t.putNode(node("a", build2022, notReady)) },
			want:   policy.BuildCount{Nodes: 1},
		},
		"a node is cordoned": {
			before: func(t *Tracker) { t.putNode(node("a", build2022)) },
			change: func(t *Tracker) { t.putNode(node("a", build2022, cordoned)) },
			want:   policy.BuildCount{Nodes: 1},
		},
		"a node is upgraded in place": {
			before: func(t *Tracker) { t.putNode(node("a", build2019)) },
			change: func(t *Tracker) { t.putNode(node("a", build2022)) },
			want:   policy.BuildCount{Nodes: 1, Available: 1},
		},
		"a node is deleted": {
			before: func(t *Tracker) { t.putNode(node("a", build2022)) },
			change: func(t *Tracker) { t.dropNode("a") },
		},
		"a policy is added": {
			change:       func(t *Tracker) { t.putPolicy(newPolicy("general", 1, build2022)) },
			wantPolicies: []string{"general"},
		},
		"a policy is deleted": {
			before: func(t *Tracker) { t.putPolicy(newPolicy("general", 1, build2022)) },
			change: func(t *Tracker) { t.dropPolicy("general") },
		},
		"a policy that does not compile is left out, and the others stay": {
			before: func(t *Tracker) { t.putPolicy(newPolicy("general", 1, build2022)) },
			change: func(t *Tracker) { t.putPolicy(newPolicy("broken", 1, "latest")) },

			wantPolicies: []string{"general"},
		},
		"a policy that no longer compiles is not in force with its earlier spec": {
			before: func(t *Tracker) { t.putPolicy(newPolicy("general", 1, build2022)) },
			change: func(t *Tracker) { t.putPolicy(newPolicy("general", 2, "latest")) },
		},
		"a policy that was deleted and made again is the new one": {
			before: func(t *Tracker) { t.putPolicy(newPolicy("general", 1, "latest")) },
			change: func(t *Tracker) {
				again := newPolicy("general", 1, build2022)
				again.UID = "another"
				t.putPolicy(again)
			},
			wantPolicies: []string{"general"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tracker := newTracker(t)
			p := &publisher{tracker: tracker}
			if test.before != nil {
				test.before(tracker)
				p.publish(start)
			}
			test.change(tracker)
			p.publish(start.Add(time.Hour))

			build, err := policy.ParseBuild(build2022)
			if err != nil {
				t.Fatal(err)
			}
			if got := tracker.Fleet().Count(build); got != test.want {
				t.Errorf("nodes: got %v, want %v", got, test.want)
			}
			var names []string
			for _, p := range tracker.Snapshot().Policies().All() {
				names = append(names, p.Name)
			}
			if diff := cmp.Diff(test.wantPolicies, names); diff != "" {
				t.Errorf("policies (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatPlacementDoesNotDependOnIsDropped(t *testing.T) {
	general := newPolicy("general", 1, build2022)
	for name, update := range map[string]func(*Tracker){
		"a node's heartbeat": func(t *Tracker) {
			t.putNode(node("a", build2022, func(n *corev1.Node) {
				n.ResourceVersion = "2"
				n.Annotations = map[string]string{"volumes.kubernetes.io/attached": "true"}
				n.Status.Conditions[0].LastHeartbeatTime = metav1.Now()
			}))
		},
		"the time at which a taint was added": func(t *Tracker) {
			t.putNode(node("tainted", build2022, tainted(metav1.Now())))
		},
		"a status of a policy": func(t *Tracker) {
			updated := general.DeepCopy()
			updated.Status.Summary = "10.0.20348 (1/1)"
			t.putPolicy(updated)
		},
		"the labels of a RuntimeClass": func(t *Tracker) {
			class := runtimeClass("windows-2022", policy.HandlerProcess)
			class.Labels = map[string]string{"team": "a"}
			t.putClass(class)
		},
		"the deletion of what was not there": func(t *Tracker) {
			t.dropNode("nobody")
			t.dropPolicy("nobody")
			t.dropClass("nobody")
		},
	} {
		t.Run(name, func(t *testing.T) {
			tracker := newTracker(t)
			tracker.putNode(node("a", build2022))
			tracker.putNode(node("tainted", build2022, tainted(metav1.Time{})))
			tracker.putPolicy(general)
			tracker.putClass(runtimeClass("windows-2022", policy.HandlerProcess))
			p := &publisher{tracker: tracker}
			start := time.Unix(1_000_000, 0)
			p.publish(start)
			<-tracker.wake

			before := tracker.Snapshot()
			update(tracker)
			if wait := p.publish(start.Add(time.Hour)); wait != 0 {
				t.Errorf("something is pending for %v", wait)
			}
			if tracker.Snapshot() != before {
				t.Error("a new snapshot was published")
			}
			if len(tracker.wake) != 0 {
				t.Error("the loop was woken")
			}
		})
	}
}

func TestNodeChangesAreCompiledTogetherAndPoliciesAtOnce(t *testing.T) {
	synctest.Test(t, nodeChangesAreCompiledTogether)
}

// nodeChangesAreCompiledTogether runs in virtual time, in which compiling takes none.
func nodeChangesAreCompiledTogether(t *testing.T) {
	tracker := newTracker(t)
	p := &publisher{tracker: tracker}
	start := time.Unix(1_000_000, 0)
	tracker.putNode(node("a", build2022))
	if wait := p.publish(start); wait != 0 {
		t.Fatalf("the first change has to wait %v", wait)
	}
	first := tracker.Fleet()

	tracker.putNode(node("b", build2022))
	tracker.putPolicy(newPolicy("general", 1, build2022))
	if wait, want := p.publish(start.Add(50*time.Millisecond)), 150*time.Millisecond; wait != want {
		t.Errorf("the second change waits %v, want %v", wait, want)
	}
	if tracker.Fleet() != first {
		t.Error("the fleet was compiled again before its time")
	}
	if len(tracker.Snapshot().Policies().All()) != 1 {
		t.Error("the policy had to wait for the nodes")
	}
	policies := tracker.Snapshot().Policies()

	tracker.putNode(node("c", build2022))
	if wait := p.publish(start.Add(NodeInterval)); wait != 0 {
		t.Errorf("something is left for %v", wait)
	}
	build, err := policy.ParseBuild(build2022)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tracker.Fleet().Count(build).Nodes, 3; got != want {
		t.Errorf("got %d nodes, want %d", got, want)
	}
	if tracker.Snapshot().Policies() != policies {
		t.Error("the policies were compiled again although none had changed")
	}
}

func TestTheOrderOfEventsDoesNotMatter(t *testing.T) {
	events := []func(*Tracker){
		func(t *Tracker) { t.putNode(node("a", build2019)) },
		func(t *Tracker) { t.putNode(node("b", build2022, notReady)) },
		func(t *Tracker) { t.putNode(node("c", build2022, tainted(metav1.Time{}))) },
		func(t *Tracker) { t.putNode(node("d", build2025)) },
		func(t *Tracker) { t.putPolicy(newPolicy("first", 1, build2025, build2022)) },
		func(t *Tracker) { t.putPolicy(newPolicy("second", 1, build2022, build2019)) },
		func(t *Tracker) { t.putClass(runtimeClass("windows-10.0.20348", policy.HandlerProcess)) },
		func(t *Tracker) { t.putClass(runtimeClass("windows-10.0.26100", policy.HandlerHyperV)) },
	}
	var want policy.Decision
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 50 {
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		tracker := newTracker(t)
		p := &publisher{tracker: tracker}
		now := time.Unix(1_000_000, 0)
		for _, event := range events {
			event(tracker)
			p.publish(now)
			now = now.Add(time.Hour)
		}
		got := decide(t, tracker.Snapshot())
		if round == 0 {
			want = got
			continue
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(policy.Candidate{}, policy.PolicyBuild{})); diff != "" {
			t.Fatalf("another order decides otherwise (-first +this):\n%s", diff)
		}
	}
	if want.Policy != "first" || want.Choice() == nil {
		t.Errorf("the decision proves nothing: %+v", want)
	}
}

func TestRejectedPoliciesAreCounted(t *testing.T) {
	tracker := newTracker(t)
	tracker.putPolicy(newPolicy("general", 1, build2022))
	tracker.putPolicy(newPolicy("broken", 1, "latest"))
	(&publisher{tracker: tracker}).publish(time.Now())
	if got := testutil.ToFloat64(tracker.metrics.rejected); got != 1 {
		t.Errorf("got %v rejected policies, want 1", got)
	}
	if got := testutil.ToFloat64(tracker.metrics.policies); got != 1 {
		t.Errorf("got %v policies in force, want 1", got)
	}
}

// Whoever waits for a policy by the metric must not be ahead of it, while a large fleet that has changed with it is compiled.
func TestAPolicyThatIsShownIsInForce(t *testing.T) {
	tracker := newTracker(t)
	p := &publisher{tracker: tracker}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		now := time.Unix(1_000_000, 0)
		for round := range 10 {
			for i := range 500 {
				tracker.putNode(node(fmt.Sprintf("%d-%d", round, i), build2022))
			}
			tracker.putPolicy(newPolicy(fmt.Sprint("policy-", round), 1, build2022))
			p.publish(now)
			now = now.Add(time.Hour)
		}
	}()
	for {
		select {
		case <-ended:
			return
		default:
		}
		shown := int(testutil.ToFloat64(tracker.metrics.policies))
		if shown == 0 {
			continue // There may be no snapshot yet.
		}
		if inForce := len(tracker.Snapshot().Policies().All()); inForce < shown {
			t.Fatalf("%d policies are shown, and %d in force", shown, inForce)
		}
	}
}

func TestNamespaceLabelsAreThoseOfTheLastEvent(t *testing.T) {
	tracker := newTracker(t)
	tracker.putNamespace(namespace("shop", map[string]string{"team": "a"}))
	tracker.putNamespace(namespace("shop", map[string]string{"team": "b"}))
	tracker.putNamespace(namespace("bare", nil))
	tracker.putNamespace(namespace("gone", nil))
	tracker.dropNamespace("gone")

	if labels, known := tracker.NamespaceLabels("shop"); !known || labels["team"] != "b" {
		t.Errorf("shop: got %v, %v", labels, known)
	}
	if labels, known := tracker.NamespaceLabels("bare"); !known || len(labels) != 0 {
		t.Errorf("bare: got %v, %v", labels, known)
	}
	if _, known := tracker.NamespaceLabels("gone"); known {
		t.Error("a deleted namespace is known")
	}
}

func decide(t *testing.T, snapshot *policy.Snapshot) policy.Decision {
	t.Helper()
	pod := &workload.Pod{Spec: workload.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}}}
	decision, err := policy.Evaluate(&policy.Request{Pod: pod}, &policy.Facts{Snapshot: snapshot})
	if err != nil {
		t.Fatal(err)
	}
	return decision
}

func notReady(n *corev1.Node) { n.Status.Conditions[0].Status = corev1.ConditionUnknown }

func cordoned(n *corev1.Node) { n.Spec.Unschedulable = true }

func tainted(at metav1.Time) func(*corev1.Node) {
	return func(n *corev1.Node) {
		n.Spec.Taints = []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule, TimeAdded: &at}}
	}
}
