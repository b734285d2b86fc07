package drain_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

// usual is how policies have it that say nothing, for a drain that begins now.
func usual() drain.Options { return drain.OptionsOf(&v1alpha1.DrainPolicy{}, time.Now()) }

func TestABudgetThatNeverYieldsIsNamedAtOnceAndTheDrainGoesOnWhenItYields(t *testing.T) {
	scene := shared.NewScene(t)
	addNode(t, "budget-a", "budget")
	deploy(scene, "web", 2, inPool("budget"))
	protect(scene, "web", "web", 2)
	drainer, options := newDrainer(t, 0), usual()
	cordon(scene, drainer, "budget-a")

	began := time.Now()
	progress := stepUntil(scene, drainer, "budget-a", options, "the budget is named", blockedBy(drain.ReasonBudget))
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	if progress.Left != 2 || len(progress.Blocked) != 2 {
		t.Errorf("%+v", progress)
	}
	framework.ExpectText(scene, progress.Message(), "2 pods are left; pod "+scene.Namespace+"/web-",
		`PodDisruptionBudget "web" lets no pod go just now: 2 of 2 pods are healthy, and 2 have to be; it will not yield unless it is changed or pods are added`)

	addNode(t, "budget-b", "budget")
	budgets := scene.Kube.PolicyV1().PodDisruptionBudgets(scene.Namespace)
	scene.Eventually("the budget is changed", func(ctx context.Context) (bool, error) {
		budget, err := budgets.Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		budget.Spec.MinAvailable = ptr.To(intstr.FromInt(1))
		_, err = budgets.Update(ctx, budget, metav1.UpdateOptions{})
		return err == nil, err
	})
	stepUntil(scene, drainer, "budget-a", options, "the node is drained", done)
	if nodes := waitForRunning(scene, "web", 2); slices.Contains(nodes, "budget-a") {
		t.Errorf("pods are on %v", nodes)
	}
}

func TestBudgetsThatExcludeEachOtherAreNamed(t *testing.T) {
	scene := shared.NewScene(t)
	addNode(t, "budgets-a", "budgets")
	deploy(scene, "web", 1, inPool("budgets"))
	protect(scene, "one", "web", 0)
	protect(scene, "other", "web", 0)
	progress := stepUntil(scene, newDrainer(t, 0), "budgets-a", usual(), "the budgets are named", blockedBy(drain.ReasonManyBudgets))
	framework.ExpectText(scene, progress.Message(), "the PodDisruptionBudgets one, other all select it")
}

func TestAPodHasItsOwnGracePeriod(t *testing.T) {
	scene := shared.NewScene(t)
	node := addNode(t, "grace-a", "grace")
	spec := inPool("grace")
	spec.TerminationGracePeriodSeconds = ptr.To[int64](77)
	deploy(scene, "web", 1, spec)
	drainer, options := newDrainer(t, 0), usual()
	cordon(scene, drainer, "grace-a")
	before, err := onlyPod(t.Context(), scene, "web")
	if err != nil {
		t.Fatal(err)
	}

	node.Silence() // The pod does not end until its node says so.
	for number := range 3 {
		progress, err := drainer.Step(t.Context(), "grace-a", options)
		if err != nil {
			t.Fatal(err)
		}
		if evicted := 1 - min(number, 1); progress.Left != 1 || progress.Evicted != evicted || len(progress.Blocked) > 0 {
			t.Errorf("step %d: %+v", number, progress)
		}
	}
	during, err := scene.Kube.CoreV1().Pods(scene.Namespace).Get(t.Context(), before.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if during.DeletionTimestamp == nil || ptr.Deref(during.DeletionGracePeriodSeconds, 0) != 77 {
		t.Errorf("deleted at %v with a grace period of %v s", during.DeletionTimestamp, during.DeletionGracePeriodSeconds)
	}
	node.Resume()
	stepUntil(scene, drainer, "grace-a", options, "the node is drained", done)
}

func TestAFinalizerThatKeepsAPodIsNamed(t *testing.T) {
	const finalizer = "example.com/hold"
	scene := shared.NewScene(t)
	addNode(t, "finalizer-a", "finalizer")
	deploy(scene, "web", 1, inPool("finalizer"))
	drainer := newDrainer(t, time.Hour)
	cordon(scene, drainer, "finalizer-a")
	pod, err := onlyPod(t.Context(), scene, "web")
	if err != nil {
		t.Fatal(err)
	}
	hold := func(ctx context.Context, patch string) {
		if _, err := scene.Kube.CoreV1().Pods(scene.Namespace).Patch(ctx, pod.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			t.Error(err)
		}
	}
	hold(t.Context(), `{"metadata":{"finalizers":["`+finalizer+`"]}}`)

	progress := stepUntil(scene, drainer, "finalizer-a", drain.Options{}, "the finalizer is named", blockedBy(drain.ReasonFinalizer))
	framework.ExpectText(scene, progress.Message(), "1 pod is left; pod "+scene.Namespace+"/web-", "it is kept by the finalizer "+finalizer)
	hold(t.Context(), `{"metadata":{"finalizers":null}}`)
	stepUntil(scene, drainer, "finalizer-a", drain.Options{}, "the node is drained", done)
}

func TestWhenTheTimeIsOverEveryPodIsLeftWhereItIs(t *testing.T) {
	scene := shared.NewScene(t)
	addNode(t, "late-a", "late")
	deploy(scene, "free", 1, inPool("late"))
	deploy(scene, "web", 1, inPool("late"))
	protect(scene, "web", "web", 1)
	options := usual()
	options.Since = options.Since.Add(-options.Timeout)
	progress, err := newDrainer(t, 0).Step(t.Context(), "late-a", options)
	if err != nil {
		t.Fatal(err)
	}
	if !progress.TimedOut || progress.Left != 2 || len(progress.Blocked) != 1 || progress.Blocked[0].Reason != drain.ReasonBudget {
		t.Errorf("%+v", progress)
	}
	for _, name := range []string{"free", "web"} {
		pod, err := onlyPod(t.Context(), scene, name)
		if err != nil || pod.DeletionTimestamp != nil {
			t.Errorf("the pod of %s: %v, deleted at %v", name, err, pod.DeletionTimestamp)
		}
	}
}

func TestAPodThatNothingMakesAgainStaysUnlessThatIsWanted(t *testing.T) {
	scene := shared.NewScene(t)
	addNode(t, "unmanaged-a", "unmanaged")
	pod := scene.ExpectAdmitted(&corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: scene.Namespace, Name: "by-hand", Labels: map[string]string{"app": "by-hand"}}, Spec: inPool("unmanaged"),
	})
	waitForRunning(scene, "by-hand", 1)
	drainer, options := newDrainer(t, 0), usual()
	progress := stepUntil(scene, drainer, "unmanaged-a", options, "the pod is named", blockedBy(drain.ReasonUnmanaged))
	if !strings.Contains(progress.Message(), "pod "+scene.Namespace+"/"+pod.Name+" stays: ") {
		t.Error(progress.Message())
	}
	options.UnmanagedPods = v1alpha1.UnmanagedPodsDelete
	stepUntil(scene, drainer, "unmanaged-a", options, "the node is drained", done)
}
