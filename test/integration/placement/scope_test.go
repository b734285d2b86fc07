package placement_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestLinuxPodsAreNeverSentToTheWebhook(t *testing.T) {
	scene := shared.NewScene(t)
	everywhere := framework.Offering(ws2022)
	everywhere.NamespaceSelector = &metav1.LabelSelector{}
	scene.GivenPolicy(everywhere)
	gvisor := scene.GivenRuntimeClass(&nodev1.RuntimeClass{
		Handler: "runsc", Scheduling: &nodev1.Scheduling{NodeSelector: map[string]string{corev1.LabelOSStable: "linux"}},
	})
	waitUntilOtherScenesAreGone(scene)
	before := reviews(t)
	for sentence, spec := range map[string]corev1.PodSpec{
		"a pod that says nothing":                 {},
		"a pod that says Linux":                   {OS: &corev1.PodOS{Name: corev1.Linux}},
		"a pod that selects Linux nodes":          {NodeSelector: map[string]string{corev1.LabelOSStable: "linux"}},
		"a pod that says Linux and names a class": {OS: &corev1.PodOS{Name: corev1.Linux}, RuntimeClassName: &gvisor.Name},
	} {
		spec.Containers = []corev1.Container{{Name: "main", Image: shared.Image(nginx)}}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "linux-", Namespace: scene.Namespace}, Spec: spec}
		stored, err := scene.Create(pod)
		if err != nil {
			t.Errorf("%s: %v", sentence, err)
			continue
		}
		if err := patchPod(scene, stored.Name, `{"metadata":{"labels":{"a":"b"}}}`); err != nil {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	deployment := deploymentOf(scene, nginx)
	deployment.Spec.Template.Spec.OS.Name = corev1.Linux
	if _, err := scene.User.AppsV1().Deployments(scene.Namespace).Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
	scene.Eventually("the Deployment is available", func(ctx context.Context) (bool, error) {
		d, err := scene.User.AppsV1().Deployments(scene.Namespace).Get(ctx, deployment.Name, metav1.GetOptions{})
		return err == nil && d.Status.AvailableReplicas == 3, err
	})
	if after := reviews(t); after != before {
		t.Errorf("the webhook was asked %v times", after-before)
	}
	scene.ExpectAdmitted(scene.Pod(shared.Image(core2022)))
	if after := reviews(t); after == before {
		t.Error("the webhook was not asked about a Windows pod: this test counts nothing")
	}
}

// waitUntilOtherScenesAreGone keeps the controllers of earlier tests' workloads from being counted.
func waitUntilOtherScenesAreGone(scene *framework.Scene) {
	scene.Eventually("namespaces of earlier tests are gone", func(ctx context.Context) (bool, error) {
		namespaces, err := shared.Kube.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		for _, namespace := range namespaces.Items {
			if strings.HasPrefix(namespace.Name, "case-") && namespace.Name != scene.Namespace {
				return false, fmt.Errorf("%s is there", namespace.Name)
			}
		}
		return true, nil
	})
}

// reviews is how many admission reviews the webhook has answered.
func reviews(t *testing.T) float64 {
	t.Helper()
	count, err := shared.Mullion.Webhooks[0].Metric(t.Context(), "mullion_admission_reviews_total", nil)
	if err != nil {
		t.Fatal(err)
	}
	return count
}

func TestSomeNamespacesAreOutsideOfEveryPolicy(t *testing.T) {
	scene := shared.NewScene(t, "mullion.dev/ignore", "true")
	everywhere := framework.Offering(ws2022)
	everywhere.NamespaceSelector = &metav1.LabelSelector{}
	scene.GivenPolicy(everywhere)
	for _, namespace := range []string{scene.Namespace, metav1.NamespaceSystem, install.Namespace} {
		t.Run(namespace, func(t *testing.T) {
			scene := scene.In(t)
			pod := scene.Pod(shared.Image(core2025))
			pod.Namespace = namespace
			pod.Spec.SecurityContext = &corev1.PodSecurityContext{RunAsNonRoot: ptr.To(true)} // For Pod Security.
			stored, err := scene.DryRun(pod)
			if err != nil {
				t.Fatal(err)
			}
			scene.ExpectUntouched(stored)
		})
	}
	t.Run("but others are not", func(t *testing.T) {
		other := shared.NewScene(t)
		other.ExpectRefused(other.Pod(shared.Image(core2025)))
	})
}
