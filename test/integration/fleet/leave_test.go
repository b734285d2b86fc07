package fleet

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestDeletedHostsAreGivenBackAsTheyWere(t *testing.T) {
	const count = 4
	s := newScene(t, atOnce(count))
	var before []map[string]string
	for _, spec := range several(count, "leaving") {
		h := s.start(spec)
		before = append(before, h.Machine.Snapshot())
		s.create(s.object(h))
		t.Cleanup(func() { s.letGo(h) })
		s.hosts = append(s.hosts, h)
	}
	s.untilReady(count, current)
	for _, h := range s.hosts {
		if err := s.Client.Delete(t.Context(), s.host(h.Name()).DeepCopy()); err != nil {
			t.Fatal(err)
		}
	}
	s.until("the hosts are gone", func() bool { return len(s.all()) == 0 })
	s.until("the nodes are gone", func() bool { return s.countNodes() == 0 })
	for i, h := range s.hosts {
		if diff := cmp.Diff(before[i], h.Machine.Snapshot()); diff != "" {
			t.Errorf("%s is not as it was (-was +is):\n%s", h, diff)
		}
	}
	s.expectNoTokens()
}

// expectNoTokens waits until no bootstrap token of the scene's hosts is left.
func (s *scene) expectNoTokens() {
	s.T.Helper()
	s.Eventually("no bootstrap token is left", func(ctx context.Context) (bool, error) {
		secrets, err := s.Kube.CoreV1().Secrets(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{
			FieldSelector: "type=" + string(corev1.SecretTypeBootstrapToken),
		})
		if err != nil {
			return false, err
		}
		for i := range secrets.Items {
			for _, h := range s.hosts {
				if secrets.Items[i].Annotations[v1alpha1.AnnotationNode] == h.Name() {
					return false, nil
				}
			}
		}
		return true, nil
	})
}

func (v *view) countNodes() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.nodes)
}
