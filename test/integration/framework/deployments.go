package framework

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// Deployment is one as somebody would write it down. Its pods have its name as their label app.
func (s *Scene) Deployment(name string, replicas int32, spec corev1.PodSpec) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: s.Namespace},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(replicas),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: spec},
		},
	}
}

// Deploy makes a Deployment as the scene's user. Its pods run a moment later.
func (s *Scene) Deploy(name string, replicas int32, spec corev1.PodSpec) {
	s.T.Helper()
	deployment := s.Deployment(name, replicas, spec)
	if _, err := s.User.AppsV1().Deployments(s.Namespace).Create(s.T.Context(), deployment, metav1.CreateOptions{}); err != nil {
		s.T.Fatal(err)
	}
}

// SetImage changes the image of a Deployment's first container.
func (s *Scene) SetImage(deployment, image string) {
	s.T.Helper()
	deployments := s.User.AppsV1().Deployments(s.Namespace)
	s.Eventually("the image is changed", func(ctx context.Context) (bool, error) {
		found, err := deployments.Get(ctx, deployment, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		found.Spec.Template.Spec.Containers[0].Image = image
		_, err = deployments.Update(ctx, found, metav1.UpdateOptions{})
		return err == nil, err
	})
}
