package placement_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func daemonSetOf(scene *framework.Scene, image string) *appsv1.DaemonSet {
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Name: "agent", Namespace: scene.Namespace},
		Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Template: framework.Template(framework.Windows(shared.Image(image))),
		},
	}
}

func TestADaemonSetIsWarnedAboutAndLeftAsItIs(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2025, ws2022, ws2019)
	daemonSet := daemonSetOf(scene, core2022)
	stored, err := scene.User.AppsV1().DaemonSets(scene.Namespace).Create(t.Context(), daemonSet, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	scene.ExpectWarned("spec.template.spec: ", "kubernetes.io/os", ws2025, ws2022, "daemonSets.templates: Mutate")
	if spec := stored.Spec.Template.Spec; len(spec.NodeSelector) > 0 || spec.Affinity != nil || len(spec.Tolerations) > 0 {
		t.Errorf("the template was changed: %+v", spec)
	}
}

func TestADaemonSetWhoseTemplateIsPlacedRunsOnEveryNodeThatFitsAndOnNoOther(t *testing.T) {
	scene := shared.NewScene(t)
	spec := framework.Offering(ws2025, ws2022, ws2019)
	spec.DaemonSets.Templates = v1alpha1.DaemonSetTemplateMutate
	scene.GivenPolicy(spec)
	daemonSets := scene.User.AppsV1().DaemonSets(scene.Namespace)
	daemonSet := daemonSetOf(scene, core2022)
	stored, err := daemonSets.Create(t.Context(), daemonSet, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	scene.ExpectSilence()
	scene.Eventually("the DaemonSet is complete", func(ctx context.Context) (bool, error) {
		d, err := daemonSets.Get(ctx, "agent", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		return d.Status.NumberReady == 2 && d.Status.DesiredNumberScheduled == 2, fmt.Errorf("its status is %+v", d.Status)
	})
	pods, err := shared.Kube.CoreV1().Pods(scene.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var nodes []string
	for _, pod := range pods.Items {
		nodes = append(nodes, pod.Spec.NodeName)
	}
	slices.Sort(nodes)
	if want := []string{framework.Node2022, framework.Node2025}; !cmp.Equal(nodes, want) {
		t.Errorf("its pods are on %v: want %v", nodes, want)
	}
	events, err := shared.Kube.CoreV1().Events(scene.Namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "reason=FailedCreate"})
	if err != nil {
		t.Fatal(err)
	}
	if len(events.Items) > 0 {
		t.Errorf("its controller makes pods in vain: %s", events.Items[0].Message)
	}

	// GitOps applies the same again and again: that must not become a new generation each time.
	daemonSet.ResourceVersion = ""
	again, err := daemonSets.Update(t.Context(), daemonSet, metav1.UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if again.Generation != stored.Generation {
		t.Errorf("applying it again changed it:\n%s", cmp.Diff(stored.Spec, again.Spec))
	}
}
