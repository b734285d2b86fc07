package framework

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// pollInterval is short beside anything that is waited for, and long beside the cost of asking.
const pollInterval = 50 * time.Millisecond

// Scene is one test's part of a suite: a namespace of its own, which is deleted when the test ends, and what
// the API server warned of.
type Scene struct {
	*Suite
	T         *testing.T
	Namespace string
	// User is a client whose warnings are kept.
	User     kubernetes.Interface
	warnings *warnings
}

// NewScene makes the namespace of a test, with labels given as pairs of key and value.
func (s *Suite) NewScene(t *testing.T, labels ...string) *Scene {
	t.Helper()
	heard := &warnings{}
	config := s.Cluster.RESTConfig()
	config.WarningHandler = heard
	user, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	scene := &Scene{Suite: s, T: t, User: user, warnings: heard}
	scene.Namespace = scene.makeNamespace("case-", labels...)
	return scene
}

// makeNamespace makes a namespace in which pods can be created, and deletes it when the test ends.
func (s *Scene) makeNamespace(prefix string, labels ...string) string {
	s.T.Helper()
	namespaces := s.Kube.CoreV1().Namespaces()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix, Labels: pairs(labels)}}
	namespace, err := namespaces.Create(s.T.Context(), namespace, metav1.CreateOptions{})
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := namespaces.Delete(ctx, namespace.Name, metav1.DeleteOptions{}); err != nil {
			s.T.Errorf("deleting the test's namespace: %v", err)
		}
	})
	s.Eventually("the namespace has a service account", func(ctx context.Context) (bool, error) {
		_, err := s.Kube.CoreV1().ServiceAccounts(namespace.Name).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, err
	})
	return namespace.Name
}

// Eventually waits until a condition holds and fails the test, with the last error, when it does not within
// Patience. An error does not end the wait.
func (s *Scene) Eventually(what string, condition func(context.Context) (bool, error)) {
	s.T.Helper()
	s.Within(Patience, what, condition)
}

// Within is Eventually with another patience, for what takes longer.
func (s *Scene) Within(patience time.Duration, what string, condition func(context.Context) (bool, error)) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	err := poll(ctx, func(ctx context.Context) error {
		holds, err := condition(ctx)
		if holds {
			return nil
		}
		return cmp.Or(err, errNotYet)
	})
	if err != nil {
		s.T.Fatalf("waiting until %s: %v", what, err)
	}
}

// errNotYet stands for a condition that does not hold and does not say why.
var errNotYet = errors.New("not yet")

// Warnings are what the API server has warned the user of since the last call.
func (s *Scene) Warnings() []string { return s.warnings.take() }

// warnings collects what the API server warns of. It may be called concurrently.
type warnings struct {
	mu   sync.Mutex
	said []string
}

var _ rest.WarningHandler = (*warnings)(nil)

func (w *warnings) HandleWarningHeader(_ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, text)
}

func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := slices.Clone(w.said)
	w.said = nil
	return said
}

func pairs(list []string) map[string]string {
	labels := map[string]string{}
	for i := 0; i+1 < len(list); i += 2 {
		labels[list[i]] = list[i+1]
	}
	return labels
}

// In is the scene in a subtest.
func (s *Scene) In(t *testing.T) *Scene {
	t.Helper()
	in := *s
	in.T = t
	return &in
}
