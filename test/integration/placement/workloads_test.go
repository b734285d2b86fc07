package placement_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

func deploymentOf(scene *framework.Scene, image string) *appsv1.Deployment {
	return scene.Deployment("web", 3, framework.Windows(shared.Image(image)))
}

func TestADeploymentsPodsArePlacedAndTheDeploymentIsNotChanged(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	deployments := scene.User.AppsV1().Deployments(scene.Namespace)
	stored, err := deployments.Create(t.Context(), deploymentOf(scene, core2022), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	scene.ExpectSilence()
	if template := stored.Spec.Template.Spec; len(template.NodeSelector) > 0 || template.RuntimeClassName != nil || len(template.Tolerations) > 0 {
		t.Errorf("the template was changed: %+v", template)
	}
	scene.Eventually("the Deployment is available", func(ctx context.Context) (bool, error) {
		d, err := deployments.Get(ctx, "web", metav1.GetOptions{})
		return err == nil && d.Status.AvailableReplicas == 3, err
	})
	pods, err := shared.Kube.CoreV1().Pods(scene.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range pods.Items {
		scene.ExpectEdited(&pods.Items[i], ws2022)
		scene.ExpectBound(pods.Items[i].Name, ws2022)
	}
}

// Every kind is created twice: without a policy, and with one under which its pods cannot run. What is stored
// must be the same.
func TestWorkloadsAreWarnedAboutAndNeverChanged(t *testing.T) {
	template := framework.Template(framework.Windows(shared.Image(core2025)))
	once := framework.Template(framework.Windows(shared.Image(core2025)))
	once.Spec.RestartPolicy = corev1.RestartPolicyNever
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
	none := ptr.To[int32](0)
	name := metav1.ObjectMeta{Name: "web"}
	dry := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}

	for kind, c := range map[string]struct {
		field  string
		create func(*framework.Scene) (any, error)
	}{
		"Deployment": {"spec.template.", func(s *framework.Scene) (any, error) {
			o := &appsv1.Deployment{ObjectMeta: name, Spec: appsv1.DeploymentSpec{Replicas: none, Selector: selector, Template: template}}
			o, err := s.User.AppsV1().Deployments(s.Namespace).Create(t.Context(), o, dry)
			return o.Spec, err
		}},
		"ReplicaSet": {"spec.template.", func(s *framework.Scene) (any, error) {
			o := &appsv1.ReplicaSet{ObjectMeta: name, Spec: appsv1.ReplicaSetSpec{Replicas: none, Selector: selector, Template: template}}
			o, err := s.User.AppsV1().ReplicaSets(s.Namespace).Create(t.Context(), o, dry)
			return o.Spec, err
		}},
		"StatefulSet": {"spec.template.", func(s *framework.Scene) (any, error) {
			o := &appsv1.StatefulSet{ObjectMeta: name, Spec: appsv1.StatefulSetSpec{Replicas: none, Selector: selector, Template: template}}
			o, err := s.User.AppsV1().StatefulSets(s.Namespace).Create(t.Context(), o, dry)
			return o.Spec, err
		}},
		"DaemonSet": {"spec.template.", func(s *framework.Scene) (any, error) {
			o := &appsv1.DaemonSet{ObjectMeta: name, Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template}}
			o, err := s.User.AppsV1().DaemonSets(s.Namespace).Create(t.Context(), o, dry)
			return o.Spec, err
		}},
		"Job": {"spec.template.", func(s *framework.Scene) (any, error) {
			o := &batchv1.Job{ObjectMeta: name, Spec: batchv1.JobSpec{Template: once, ManualSelector: ptr.To(true), Selector: selector}}
			o, err := s.User.BatchV1().Jobs(s.Namespace).Create(t.Context(), o, dry)
			return o.Spec, err
		}},
		"CronJob": {"spec.jobTemplate.spec.template.", func(s *framework.Scene) (any, error) {
			o := &batchv1.CronJob{ObjectMeta: name, Spec: batchv1.CronJobSpec{
				Schedule: "@yearly", JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: once}},
			}}
			o, err := s.User.BatchV1().CronJobs(s.Namespace).Create(t.Context(), o, dry)
			return o.Spec, err
		}},
		"ReplicationController": {"spec.template.", func(s *framework.Scene) (any, error) {
			o := &corev1.ReplicationController{ObjectMeta: name, Spec: corev1.ReplicationControllerSpec{
				Replicas: none, Selector: selector.MatchLabels, Template: &template,
			}}
			o, err := s.User.CoreV1().ReplicationControllers(s.Namespace).Create(t.Context(), o, dry)
			return o.Spec, err
		}},
		"PodTemplate": {"template.", func(s *framework.Scene) (any, error) {
			o := &corev1.PodTemplate{ObjectMeta: name, Template: template}
			o, err := s.User.CoreV1().PodTemplates(s.Namespace).Create(t.Context(), o, dry)
			return o.Template, err
		}},
	} {
		t.Run(kind, func(t *testing.T) {
			scene := shared.NewScene(t)
			without, err := c.create(scene)
			if err != nil {
				t.Fatal(err)
			}
			scene.ExpectSilence()
			scene.GivenBuilds(ws2022)
			with, err := c.create(scene)
			if err != nil {
				t.Fatal(err)
			}
			scene.ExpectWarned(c.field+"spec.containers[0].image: ", "10.0.26100", "To fix it, ")
			if diff := cmp.Diff(without, with); diff != "" {
				t.Errorf("what is stored was changed (-without policy +with policy):\n%s", diff)
			}
		})
	}
}
