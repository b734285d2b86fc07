package drain

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// usual is how policies have it that say nothing.
func usual() Options { return OptionsOf(&v1alpha1.DrainPolicy{}, begin) }

func TestWhatAStepMakesOfPods(t *testing.T) {
	terminating := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "web-0", errors.New("terminating"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	keepEmptyDir, deleteUnmanaged := usual(), usual()
	keepEmptyDir.DeleteEmptyDirData = false
	deleteUnmanaged.UnmanagedPods = v1alpha1.UnmanagedPodsDelete
	for sentence, c := range map[string]struct {
		objects []runtime.Object
		options *Options
		refusal error
		want    Progress
		// message is a part of the only blocker's.
		message string
	}{
		"a node without pods is drained": {want: Progress{Done: true}},
		"a pod is evicted, and is left until it has ended": {
			objects: []runtime.Object{pod("web-0")}, want: Progress{Left: 1, Evicted: 1},
		},
		"pods of other nodes are nobody's business": {
			objects: []runtime.Object{pod("web-0", on("win-2"))}, want: Progress{Done: true},
		},
		"what lives and ends with the node is left there": {
			objects: []runtime.Object{daemonSet("agent"), pod("agent-x", ownedBy("DaemonSet", "agent")), pod("proxy", mirrored, unowned)},
			want:    Progress{Done: true},
		},
		"a pod that has ended needs no permission": {
			objects: []runtime.Object{pod("once", unowned, withEmptyDir, succeeded)}, options: &keepEmptyDir, want: Progress{Left: 1, Evicted: 1},
		},
		"a pod that nothing makes again stays": {
			objects: []runtime.Object{pod("by-hand", unowned)}, want: Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonUnmanaged}}},
			message: "it has no controller, so nothing makes it again; delete it, or let the policy's rollout.drain.unmanagedPods be Delete",
		},
		"a pod whose DaemonSet is gone stays": {
			objects: []runtime.Object{pod("agent-x", ownedBy("DaemonSet", "agent"))}, want: Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonUnmanaged}}},
			message: `its DaemonSet "agent" is gone`,
		},
		"a pod that nothing makes again goes where that is permitted": {
			objects: []runtime.Object{pod("by-hand", unowned), pod("agent-x", ownedBy("DaemonSet", "agent"))}, options: &deleteUnmanaged,
			want: Progress{Left: 2, Evicted: 2},
		},
		"a pod with an emptyDir volume goes": {
			objects: []runtime.Object{pod("web-0", withEmptyDir)}, want: Progress{Left: 1, Evicted: 1},
		},
		"a pod with an emptyDir volume stays where that is not permitted": {
			objects: []runtime.Object{pod("web-0", withEmptyDir)}, options: &keepEmptyDir,
			want: Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonLocalStorage}}}, message: `its emptyDir volume "cache" would be lost`,
		},
		"a pod that is on its way is not asked again": {
			objects: []runtime.Object{pod("web-0", deleted(time.Hour, begin.Add(-time.Minute)), finalized("example.com/hold"))}, want: Progress{Left: 1},
		},
		"a pod that has not ended within its grace period is named": {
			objects: []runtime.Object{pod("web-0", deleted(30*time.Second, begin.Add(-time.Minute)))},
			want:    Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonOverdue}}},
			message: "its grace period ended at 2026-03-14T02:59:30Z, and kubelet has not reported its end",
		},
		"a finalizer that keeps a pod is named": {
			objects: []runtime.Object{pod("web-0", deleted(30*time.Second, begin.Add(-time.Minute)), finalized("example.com/hold"))},
			want:    Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonFinalizer}}}, message: "it is kept by the finalizer example.com/hold",
		},
		"a PodDisruptionBudget that keeps a pod is named with its numbers": {
			objects: []runtime.Object{pod("web-0"), budget("web", 2, 2, 3)}, refusal: refusedByBudget(),
			want:    Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonBudget}}},
			message: `PodDisruptionBudget "web" lets no pod go just now: 2 of 3 pods are healthy, and 2 have to be`,
		},
		"one that will never yield is said to be so": {
			objects: []runtime.Object{pod("web-0"), budget("web", 2, 2, 2)}, refusal: refusedByBudget(),
			want:    Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonBudget}}},
			message: "2 of 2 pods are healthy, and 2 have to be; it will not yield unless it is changed or pods are added",
		},
		"one that has been counted by nobody yet is said to be so": {
			objects: []runtime.Object{pod("web-0"), func() *policyv1.PodDisruptionBudget {
				b := budget("web", 0, 0, 0)
				b.Generation = 1
				return b
			}()}, refusal: refusedByBudget(),
			want: Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonBudget}}}, message: `PodDisruptionBudget "web" is new`,
		},
		"where the budget is gone by then, the API server's word has to do": {
			objects: []runtime.Object{pod("web-0")}, refusal: refusedByBudget(),
			want: Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonBudget}}}, message: "The disruption budget web needs 2 healthy pods",
		},
		"budgets that exclude each other are named": {
			objects: []runtime.Object{pod("web-0"), budget("web", 2, 1, 2), budget("all", 2, 1, 2)},
			refusal: apierrors.NewInternalError(errors.New("This pod has more than one PodDisruptionBudget")),
			want:    Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonManyBudgets}}},
			message: "the PodDisruptionBudgets all, web all select it",
		},
		"a busy API server is left alone as long as it asks": {
			objects: []runtime.Object{pod("web-0")}, refusal: apierrors.NewTooManyRequests("busy", 7),
			want: Progress{Left: 1, RetryAfter: 7 * time.Second, Blocked: []Blocker{{Reason: ReasonRefused}}}, message: "its eviction is refused: busy",
		},
		"an API server that does not answer is named": {
			objects: []runtime.Object{pod("web-0")}, refusal: context.DeadlineExceeded,
			want: Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonRefused}}}, message: "has not answered within 15s",
		},
		"an API server that cannot be reached any more is named": {
			objects: []runtime.Object{pod("web-0")}, refusal: errors.New("connection reset"),
			want: Progress{Left: 1, Blocked: []Blocker{{Reason: ReasonRefused}}}, message: "could not be asked whether it may go: connection reset",
		},
		"a pod that is gone by then is not left": {
			objects: []runtime.Object{pod("web-0")}, refusal: apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "web-0"), want: Progress{Done: true},
		},
		"a pod that has changed by then is looked at again": {
			objects: []runtime.Object{pod("web-0")}, refusal: apierrors.NewConflict(schema.GroupResource{Resource: "pods"}, "web-0", nil), want: Progress{Left: 1},
		},
		"a pod whose namespace is deleted goes with that": {
			objects: []runtime.Object{pod("web-0")}, refusal: terminating, want: Progress{Left: 1},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			cluster := newCluster(t, c.objects...)
			cluster.refusals["web-0"] = c.refusal
			options := usual()
			if c.options != nil {
				options = *c.options
			}
			got := cluster.step(t, options)
			if len(got.Blocked) == 1 {
				blocker := &got.Blocked[0]
				if blocker.Pod == "" || blocker.Namespace != "shop" || !strings.Contains(blocker.Message, c.message) || c.message == "" {
					t.Errorf("%+v", blocker)
				}
				*blocker = Blocker{Reason: blocker.Reason}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvictionsGrantThePodsOwnGracePeriodAndMeanOnlyThatPod(t *testing.T) {
	cluster := newCluster(t, pod("web-0"))
	cluster.step(t, usual())
	if len(cluster.evictions) != 1 {
		t.Fatalf("%d evictions", len(cluster.evictions))
	}
	options := cluster.evictions[0].DeleteOptions
	if options.GracePeriodSeconds != nil {
		t.Errorf("the grace period is %d s", *options.GracePeriodSeconds)
	}
	if options.Preconditions == nil || *options.Preconditions.UID != "uid-web-0" {
		t.Errorf("the preconditions are %+v", options.Preconditions)
	}
}

func TestADrainGoesOnFromWhereverItWasLeft(t *testing.T) {
	cluster := newCluster(t, pod("web-0"), pod("web-1"), pod("web-2"), budget("web", 3, 2, 3))
	cluster.lingering["web-1"] = true
	cluster.refusals["web-2"] = refusedByBudget()
	if got := cluster.step(t, usual()); got.Left != 3 || got.Evicted != 2 || len(got.Blocked) != 1 {
		t.Errorf("first: %+v", got)
	}
	// The second step is that of a process that knows nothing of the first.
	if got := cluster.step(t, usual()); got.Left != 2 || got.Evicted != 0 || len(got.Blocked) != 1 {
		t.Errorf("second: %+v", got)
	}
	cluster.refusals["web-2"] = nil
	if got := cluster.step(t, usual()); got.Left != 2 || got.Evicted != 1 {
		t.Errorf("third, when the budget has yielded: %+v", got)
	}
	if err := cluster.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), "shop", "web-1"); err != nil {
		t.Fatal(err)
	}
	if got := cluster.step(t, usual()); !got.Done {
		t.Errorf("last: %+v", got)
	}
	if len(cluster.evictions) != 5 { // Of web-2 one in each step but the last.
		t.Errorf("%d evictions", len(cluster.evictions))
	}
}

func TestAnEvictionThatWasMadeWithoutItsAnswerIsNotAskedForAgain(t *testing.T) {
	cluster := newCluster(t, pod("web-0"))
	cluster.lingering["web-0"] = true
	cluster.broken = true
	if got := cluster.step(t, usual()); got.Left != 1 || got.Evicted != 0 {
		t.Errorf("first: %+v", got)
	}
	if got := cluster.step(t, usual()); got.Left != 1 || len(got.Blocked) > 0 || len(cluster.evictions) != 1 {
		t.Errorf("second: %+v, after %d evictions", got, len(cluster.evictions))
	}
}

func TestWhenTheTimeIsOverNothingIsEvictedAndWhatBlocksIsStillNamed(t *testing.T) {
	cluster := newCluster(t, pod("web-0"), pod("web-1"), budget("web", 2, 2, 2))
	cluster.refusals["web-0"] = refusedByBudget()
	cluster.clock.SetTime(begin.Add(30 * time.Minute))
	got := cluster.step(t, usual())
	if !got.TimedOut || got.Done || got.Left != 2 || got.Evicted != 0 || len(got.Blocked) != 1 {
		t.Errorf("%+v", got)
	}
	if len(cluster.evictions) != 0 || len(cluster.dryRuns) != 2 {
		t.Errorf("%d evictions, %d questions", len(cluster.evictions), len(cluster.dryRuns))
	}
	const want = `the time for draining is over, and 2 pods are left; pod shop/web-0 stays: PodDisruptionBudget "web" lets no pod go just now: ` +
		`2 of 2 pods are healthy, and 2 have to be; it will not yield unless it is changed or pods are added`
	if diff := cmp.Diff(want, got.Message()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhoLooksIsToldWhatKeepsPodsAndEvictsNone(t *testing.T) {
	cluster := newCluster(t, pod("web-0"), pod("web-1"), budget("web", 2, 2, 2))
	cluster.refusals["web-1"] = refusedByBudget()
	got, err := cluster.drainer.Look(t.Context(), "win-1", usual())
	if err != nil {
		t.Fatal(err)
	}
	if got.Done || got.TimedOut || got.Left != 2 || len(got.Blocked) != 1 || got.Blocked[0].Pod != "web-1" {
		t.Errorf("%+v", got)
	}
	delete(cluster.refusals, "web-1")
	if got, err = cluster.drainer.Look(t.Context(), "win-1", usual()); err != nil || got.Done || len(got.Blocked) > 0 {
		t.Errorf("nothing keeps them any more: %+v, %v", got, err)
	}
	if len(cluster.evictions) > 0 || len(cluster.dryRuns) != 4 {
		t.Errorf("%d evictions, %d questions", len(cluster.evictions), len(cluster.dryRuns))
	}
	if len(cluster.drainer.metrics.began) > 0 {
		t.Error("a look is measured as a drain")
	}
}

func TestADrainWithoutADeadlineIsNeverOver(t *testing.T) {
	for sentence, o := range map[string]Options{"without a begin": {Timeout: time.Second}, "without a limit": {Since: begin}} {
		t.Run(sentence, func(t *testing.T) {
			if o.over(begin.Add(1000 * time.Hour)) {
				t.Error("it is over")
			}
		})
	}
}

func TestWhatCannotBeReadIsAnErrorAndNothingIsEvicted(t *testing.T) {
	for _, what := range []string{"pods", "daemonsets"} {
		t.Run(what, func(t *testing.T) {
			cluster := newCluster(t, pod("web-0"), daemonSet("agent"), pod("agent-x", ownedBy("DaemonSet", "agent")))
			for _, verb := range []string{"list", "get"} {
				cluster.PrependReactor(verb, what, func(clienttesting.Action) (bool, runtime.Object, error) {
					return true, nil, errors.New("no etcd")
				})
			}
			_, err := cluster.drainer.Step(t.Context(), "win-1", usual())
			if err == nil || !strings.Contains(err.Error(), "finding the pods to move off node win-1: ") || !strings.Contains(err.Error(), "no etcd") {
				t.Errorf("got %v", err)
			}
			if len(cluster.evictions) > 0 {
				t.Errorf("%d pods were evicted", len(cluster.evictions))
			}
		})
	}
}

func TestAStepThatIsBrokenOffIsAnError(t *testing.T) {
	cluster := newCluster(t, pod("web-0"))
	ctx, cancel := context.WithCancel(t.Context())
	cluster.PrependReactor("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		cancel()
		return true, nil, ctx.Err()
	})
	if _, err := cluster.drainer.Step(ctx, "win-1", usual()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
