package framework

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Create creates a pod as a user would.
func (s *Scene) Create(pod *corev1.Pod) (*corev1.Pod, error) {
	return s.User.CoreV1().Pods(pod.Namespace).Create(s.T.Context(), pod, metav1.CreateOptions{})
}

// DryRun asks the API server what would become of a pod.
func (s *Scene) DryRun(pod *corev1.Pod) (*corev1.Pod, error) {
	options := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	return s.User.CoreV1().Pods(pod.Namespace).Create(s.T.Context(), pod, options)
}

// ExpectAdmitted creates a pod that must be admitted, and returns it as it was stored.
func (s *Scene) ExpectAdmitted(pod *corev1.Pod) *corev1.Pod {
	s.T.Helper()
	stored, err := s.Create(pod)
	if err != nil {
		s.T.Fatalf("the pod is refused: %v", err)
	}
	return stored
}

// ExpectPlaced creates a pod that must be admitted with all that binds it to a build, and bound by the
// scheduler to a node of it. It returns the pod as it was stored.
func (s *Scene) ExpectPlaced(pod *corev1.Pod, build string) *corev1.Pod {
	s.T.Helper()
	stored := s.ExpectAdmitted(pod)
	s.ExpectEdited(stored, build)
	s.ExpectBound(stored.Name, build)
	return stored
}

// ExpectEdited checks that a stored pod has what binds it to a build.
func (s *Scene) ExpectEdited(stored *corev1.Pod, build string) {
	s.T.Helper()
	for key, want := range map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: build} {
		if got := stored.Spec.NodeSelector[key]; got != want {
			s.T.Errorf("node selector %s is %q: want %q", key, got, want)
		}
	}
	if stored.Spec.RuntimeClassName == nil || !strings.HasPrefix(*stored.Spec.RuntimeClassName, "windows-"+build) {
		s.T.Errorf("the RuntimeClass is %v: want that of build %s", stored.Spec.RuntimeClassName, build)
	}
}

// ExpectUntouched checks that nothing of a stored pod was set by this project.
func (s *Scene) ExpectUntouched(stored *corev1.Pod) {
	s.T.Helper()
	if len(stored.Spec.NodeSelector) > 0 || stored.Spec.RuntimeClassName != nil {
		s.T.Errorf("the pod was changed: node selector %v, RuntimeClass %v", stored.Spec.NodeSelector, stored.Spec.RuntimeClassName)
	}
}

// ExpectBound waits until the scheduler has bound a pod to a node of a build.
func (s *Scene) ExpectBound(name, build string) *corev1.Pod {
	s.T.Helper()
	var pod *corev1.Pod
	ctx, cancel := context.WithTimeout(s.T.Context(), Patience)
	defer cancel()
	err := poll(ctx, func(ctx context.Context) (err error) {
		if pod, err = s.Kube.CoreV1().Pods(s.Namespace).Get(ctx, name, metav1.GetOptions{}); err != nil {
			return err
		}
		if pod.Spec.NodeName == "" {
			return &unbound{pod}
		}
		return nil
	})
	if err != nil {
		s.T.Fatalf("waiting until pod %s is bound: %v", name, err)
	}
	node, err := s.Kube.CoreV1().Nodes().Get(s.T.Context(), pod.Spec.NodeName, metav1.GetOptions{})
	if err != nil {
		s.T.Fatal(err)
	}
	if got := node.Labels[corev1.LabelWindowsBuild]; got != build {
		s.T.Errorf("pod %s is bound to node %s of build %q: want %q", name, node.Name, got, build)
	}
	return pod
}

// ExpectRefused creates a pod that must be refused by the validating webhook with a text that contains all
// fragments. It returns the text.
func (s *Scene) ExpectRefused(pod *corev1.Pod, fragments ...string) string {
	s.T.Helper()
	_, err := s.Create(pod)
	return s.ExpectDenial(err, fragments...)
}

// ExpectDenial checks that an error is a refusal by the validating webhook whose text contains all fragments,
// and returns the text.
func (s *Scene) ExpectDenial(err error, fragments ...string) string {
	s.T.Helper()
	const prefix = `admission webhook "pods.validate.mullion.dev" denied the request: `
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), prefix) {
		s.T.Fatalf("got %v: want a refusal by the webhook", err)
	}
	ExpectText(s, err.Error(), fragments...)
	return err.Error()
}

// ExpectWarned checks that one of the warnings since the last call contains all fragments.
func (s *Scene) ExpectWarned(fragments ...string) {
	s.T.Helper()
	said := s.Warnings()
	for _, warning := range said {
		if containsAll(warning, fragments) {
			return
		}
	}
	s.T.Errorf("no warning contains all of %q; there are %q", fragments, said)
}

// ExpectSilence checks that there were no warnings since the last call.
func (s *Scene) ExpectSilence() {
	s.T.Helper()
	if said := s.Warnings(); len(said) > 0 {
		s.T.Errorf("there are warnings: %q", said)
	}
}

// ExpectText checks that a text contains all fragments.
func ExpectText(s *Scene, text string, fragments ...string) {
	s.T.Helper()
	for _, fragment := range fragments {
		if !strings.Contains(text, fragment) {
			s.T.Errorf("the text lacks %q:\n%s", fragment, text)
		}
	}
}

func containsAll(text string, fragments []string) bool {
	for _, fragment := range fragments {
		if !strings.Contains(text, fragment) {
			return false
		}
	}
	return true
}

// unbound is the error about a pod that has no node yet.
type unbound struct{ pod *corev1.Pod }

func (u *unbound) Error() string { return describePod(u.pod) }
