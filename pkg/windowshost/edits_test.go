package windowshost

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func (s *scene) create(object client.Object) {
	s.t.Helper()
	if err := s.client.Create(s.t.Context(), object); err != nil {
		s.t.Fatal(err)
	}
}

// get reads the object of a host.
func (s *scene) get(h *fakeHost) *v1alpha1.WindowsHost {
	s.t.Helper()
	var host v1alpha1.WindowsHost
	if err := s.client.Get(s.t.Context(), h.key, &host); err != nil {
		s.t.Fatal(err)
	}
	return &host
}

// gone tells whether the object of a host is.
func (s *scene) gone(h *fakeHost) bool {
	var host v1alpha1.WindowsHost
	return client.IgnoreNotFound(s.client.Get(s.t.Context(), h.key, &host)) == nil && host.Name == ""
}

// node reads a node; nil where there is none.
func (s *scene) node(name string) *corev1.Node {
	s.t.Helper()
	node, err := getNode(s.t.Context(), s.client, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return node
}

// change changes an object.
func change[T client.Object](s *scene, object T, key types.NamespacedName, do func(T)) {
	s.t.Helper()
	if err := s.client.Get(s.t.Context(), key, object); err != nil {
		s.t.Fatal(err)
	}
	before := object.DeepCopyObject().(client.Object)
	do(object)
	if err := s.client.Patch(s.t.Context(), object, client.MergeFrom(before)); err != nil {
		s.t.Fatal(err)
	}
}

// changeHost changes the object of a host.
func (s *scene) changeHost(h *fakeHost, do func(*v1alpha1.WindowsHost)) {
	s.t.Helper()
	change(s, &v1alpha1.WindowsHost{}, h.key, do)
}

// changePolicy changes the policy.
func (s *scene) changePolicy(do func(*v1alpha1.WindowsBuildPolicy)) {
	s.t.Helper()
	change(s, &v1alpha1.WindowsBuildPolicy{}, types.NamespacedName{Name: policyDef}, do)
}

// changeConfig changes the node configuration, as another generation.
func (s *scene) changeConfig(do func(*v1alpha1.WindowsNodeConfig)) {
	s.t.Helper()
	change(s, &v1alpha1.WindowsNodeConfig{}, types.NamespacedName{Name: configDef}, func(c *v1alpha1.WindowsNodeConfig) {
		c.Generation++
		do(c)
	})
}

func (s *scene) changeNode(name string, do func(*corev1.Node)) {
	s.t.Helper()
	change(s, &corev1.Node{}, types.NamespacedName{Name: name}, do)
}

// deleteHost is somebody deleting the object of a host.
func (s *scene) deleteHost(h *fakeHost) {
	s.t.Helper()
	if err := s.client.Delete(s.t.Context(), s.get(h)); err != nil {
		s.t.Fatal(err)
	}
}

func keyOf(object client.Object) types.NamespacedName { return client.ObjectKeyFromObject(object) }

// revisions are the names of what configurations are kept in.
func (s *scene) revisions() []string {
	s.t.Helper()
	var list appsv1.ControllerRevisionList
	if err := s.client.List(s.t.Context(), &list); err != nil {
		s.t.Fatal(err)
	}
	var names []string
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	return names
}
