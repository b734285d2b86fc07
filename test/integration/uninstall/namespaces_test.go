package uninstall_test

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// makeNamespace makes a namespace in which pods can be created.
func (s *scene) makeNamespace(name string) {
	s.t.Helper()
	s.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	until(s.t, "namespace "+name+" has a service account", func(ctx context.Context) error {
		_, err := shared.kube.CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// deleteNamespaces deletes what was made for the test. Whether all of it goes shows when snapshots are compared.
func (s *scene) deleteNamespaces(names ...string) {
	s.t.Helper()
	for _, name := range names {
		if err := shared.kube.CoreV1().Namespaces().Delete(s.t.Context(), name, metav1.DeleteOptions{}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// untilUserDataIsThere waits for what new machines of OpenShift let the node manager in by.
func (s *scene) untilUserDataIsThere() {
	s.t.Helper()
	until(s.t, "the user data of new machines is made", func(ctx context.Context) error {
		_, err := shared.kube.CoreV1().Secrets("openshift-machine-api").Get(ctx, "windows-user-data", metav1.GetOptions{})
		return err
	})
}
