package placement_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

// withClass offers a build with a RuntimeClass of a name that no other test uses.
func withClass(scene *framework.Scene, build string) v1alpha1.WindowsBuildPolicySpec {
	spec := framework.Offering(build)
	spec.Builds[0].RuntimeClass.Name = scene.Namespace
	return spec
}

func runtimeClass(ctx context.Context, name string) (*nodev1.RuntimeClass, error) {
	return shared.Kube.NodeV1().RuntimeClasses().Get(ctx, name, metav1.GetOptions{})
}

func TestARuntimeClassIsMadeForEachBuildAndRepairedWhenItDrifts(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenPolicy(withClass(scene, ws2022))
	scene.ExpectCondition(policy.Name, v1alpha1.ConditionRuntimeClassesReady, metav1.ConditionTrue, v1alpha1.ReasonRuntimeClassesReady)
	made, err := runtimeClass(t.Context(), scene.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	if made.Handler != "runhcs-wcow-process" || made.Labels[v1alpha1.LabelManagedBy] != v1alpha1.ManagedBy {
		t.Errorf("handler %q, labels %v", made.Handler, made.Labels)
	}
	want := map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: ws2022}
	if diff := cmp.Diff(want, made.Scheduling.NodeSelector); diff != "" {
		t.Errorf("node selector (-want +got):\n%s", diff)
	}

	classes := shared.Kube.NodeV1().RuntimeClasses()
	drift := `{"scheduling":{"nodeSelector":{"node.kubernetes.io/windows-build":"10.0.14393"}}}`
	if _, err := classes.Patch(t.Context(), made.Name, types.MergePatchType, []byte(drift), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	scene.Eventually("the drift is repaired", func(ctx context.Context) (bool, error) {
		class, err := runtimeClass(ctx, made.Name)
		return err == nil && cmp.Equal(class.Scheduling.NodeSelector, want), err
	})
	if err := classes.Delete(t.Context(), made.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	scene.Eventually("the class is made again", func(ctx context.Context) (bool, error) {
		class, err := runtimeClass(ctx, made.Name)
		return err == nil && class.UID != made.UID, err
	})
}

func TestAForeignRuntimeClassIsNeverChangedAndReported(t *testing.T) {
	scene := shared.NewScene(t)
	foreign := scene.GivenRuntimeClass(&nodev1.RuntimeClass{Handler: "somebody-elses"})
	policy := scene.GivenPolicy(withClass(scene, ws2022))
	message := scene.ExpectCondition(policy.Name, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonForeignRuntimeClass)
	framework.ExpectText(scene, message, scene.Namespace, "somebody else")
	now, err := runtimeClass(t.Context(), foreign.Name)
	if err != nil {
		t.Fatal(err)
	}
	if now.ResourceVersion != foreign.ResourceVersion {
		t.Errorf("the class was changed:\n%s", cmp.Diff(foreign, now))
	}
	scene.DeletePolicy(policy)
	if _, err := runtimeClass(t.Context(), foreign.Name); err != nil {
		t.Errorf("the class went with the policy: %v", err)
	}
}

func TestARuntimeClassThatNoPolicyNamesIsDeleted(t *testing.T) {
	scene := shared.NewScene(t)
	scene.DeletePolicy(scene.GivenPolicy(withClass(scene, ws2022)))
	scene.Eventually("the class is deleted", func(ctx context.Context) (bool, error) {
		_, err := runtimeClass(ctx, scene.Namespace)
		return apierrors.IsNotFound(err), err
	})
}

func TestARuntimeClassIsKeptWhilePodsUseIt(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenPolicy(withClass(scene, ws2022))
	pod := scene.ExpectAdmitted(scene.Pod(shared.Image(core2022)))
	scene.ExpectBound(pod.Name, ws2022)
	scene.DeletePolicy(policy)
	scene.Eventually("an event says that it is in use", func(ctx context.Context) (bool, error) {
		events, err := shared.Kube.EventsV1().Events("").List(ctx, metav1.ListOptions{FieldSelector: "reason=InUse"})
		if err != nil {
			return false, err
		}
		for _, event := range events.Items {
			if event.Regarding.Kind == "RuntimeClass" && event.Regarding.Name == scene.Namespace {
				framework.ExpectText(scene, event.Note, scene.Namespace+"/"+pod.Name)
				return true, nil
			}
		}
		return false, fmt.Errorf("there are %d such events", len(events.Items))
	})
	if _, err := runtimeClass(t.Context(), scene.Namespace); err != nil {
		t.Errorf("the class that the pod uses: %v", err)
	}
}
