package framework

import (
	"context"

	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// GivenRuntimeClass makes a RuntimeClass of somebody else's until the test ends, named like the scene's
// namespace where it has no name.
func (s *Scene) GivenRuntimeClass(class *nodev1.RuntimeClass) *nodev1.RuntimeClass {
	s.T.Helper()
	if class.Name == "" {
		class.Name = s.Namespace
	}
	classes := s.Kube.NodeV1().RuntimeClasses()
	made, err := classes.Create(s.T.Context(), class, metav1.CreateOptions{})
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() {
		if err := client.IgnoreNotFound(classes.Delete(context.Background(), made.Name, metav1.DeleteOptions{})); err != nil {
			s.T.Error(err)
		}
	})
	return made
}
