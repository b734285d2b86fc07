package hosts

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

// A host is joined once, and then goes through everything that happens to hosts: each part begins with a Ready node.
func TestAHostIsChangedRepairedRestartedAndGivenBack(t *testing.T) {
	s := newScene(t, framework.Build2022)
	h := s.GivenHost("life", framework.Build2022)
	s.ExpectPhase(h, v1alpha1.HostReady)
	for _, part := range []struct {
		sentence string
		happens  func(*testing.T, *scene, *host)
	}{
		{"another bundle is brought, and the node is of it", changed},
		{"a file that somebody changed is repaired", repaired},
		{"a restart that somebody asks for is made once", restarted},
		{"an administrator's cordon outlasts a change", cordoned},
		{"the host is given back", givenBack},
	} {
		if !t.Run(part.sentence, func(t *testing.T) {
			inner := *s.Scene
			inner.T = t
			part.happens(t, &scene{Scene: &inner, Config: s.Config, Policy: s.Policy}, h)
		}) {
			return
		}
	}
}

// give changes the scene's node configuration.
func (s *scene) give(change func(*v1alpha1.WindowsNodeConfigSpec)) *v1alpha1.WindowsNodeConfig {
	s.T.Helper()
	var config v1alpha1.WindowsNodeConfig
	s.Eventually("the node configuration is changed", func(ctx context.Context) (bool, error) {
		if err := s.Client.Get(ctx, types.NamespacedName{Name: s.Config.Name}, &config); err != nil {
			return false, err
		}
		change(&config.Spec)
		err := s.Client.Update(ctx, &config)
		return err == nil, err
	})
	return &config
}

// expectCurrent waits until a host is Ready with a node configuration as it is now.
func (s *scene) expectCurrent(h *host, config *v1alpha1.WindowsNodeConfig) *v1alpha1.WindowsHost {
	s.T.Helper()
	return s.ExpectHost(h, "has the configuration as it is now", func(object *v1alpha1.WindowsHost) bool {
		applied := object.Status.Applied
		return object.Status.Phase == v1alpha1.HostReady && applied != nil &&
			applied.NodeConfig == config.Name && applied.NodeConfigGeneration == config.Generation
	})
}

func changed(t *testing.T, s *scene, h *host) {
	config := s.give(func(spec *v1alpha1.WindowsNodeConfigSpec) { spec.Bundle.Image = nextBundle })
	object := s.expectCurrent(h, config)
	_, digest, _ := strings.Cut(nextBundle, "@")
	if object.Status.Applied.Bundle != digest {
		t.Errorf("the bundle is %s, not %s", object.Status.Applied.Bundle, digest)
	}
	note, err := h.ReadFile(`C:\k\versions\` + strings.TrimPrefix(digest, "sha256:")[:16] + `\tools\note.txt`)
	if err != nil || string(note) != "the next version" {
		t.Errorf("a file of the next bundle is %q, %v", note, err)
	}
	if s.Node(h).Spec.Unschedulable {
		t.Error("the node is left cordoned")
	}
}

func repaired(t *testing.T, s *scene, h *host) {
	const path = `C:\k\kubelet.conf`
	want, err := h.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.WriteFile(path, []byte(`{"broken": true}`)); err != nil {
		t.Fatal(err)
	}
	s.Within(patience, "the file is as it was", func(context.Context) (bool, error) {
		got, err := h.ReadFile(path)
		return err == nil && string(got) == string(want), err
	})
	s.ExpectPhase(h, v1alpha1.HostReady)
}

func restarted(t *testing.T, s *scene, h *host) {
	boots := h.Boots()
	patch := []byte(`{"metadata":{"annotations":{"` + v1alpha1.AnnotationRebootRequired + `":"true"}}}`)
	_, err := s.Kube.CoreV1().Nodes().Patch(t.Context(), s.Node(h).Name, types.MergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.ExpectHost(h, "has restarted", func(object *v1alpha1.WindowsHost) bool {
		_, asked := s.Node(h).Annotations[v1alpha1.AnnotationRebootRequired]
		return !asked && h.Boots() > boots && object.Status.Phase == v1alpha1.HostReady
	})
	if got := h.Boots() - boots; got != 1 {
		t.Errorf("it has restarted %d times", got)
	}
}

func cordoned(t *testing.T, s *scene, h *host) {
	cordon := func(value string) {
		t.Helper()
		patch := []byte(`{"spec":{"unschedulable":` + value + `}}`)
		_, err := s.Kube.CoreV1().Nodes().Patch(t.Context(), s.Node(h).Name, types.MergePatchType, patch, metav1.PatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	cordon("true")
	config := s.give(func(spec *v1alpha1.WindowsNodeConfigSpec) { spec.Bundle.Image = bundle })
	s.expectCurrent(h, config)
	if node := s.Node(h); !node.Spec.Unschedulable {
		t.Error("the administrator's cordon is gone")
	}
	cordon("false")
}

func givenBack(t *testing.T, s *scene, h *host) {
	object := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: h.Key.Namespace, Name: h.Key.Name}}
	if err := s.Client.Delete(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s.waitGone(ctx, h.Key)
	name := strings.ToLower(h.Hostname())
	if _, err := s.Kube.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the node is there: %v", err)
	}
	for _, service := range []string{"kubelet", "containerd", "windows_exporter"} {
		result, err := h.Exec(ctx, "sc.exe query "+service)
		if err != nil || result.ExitCode == 0 {
			t.Errorf("service %s is there: %v %v", service, result, err)
		}
	}
	for _, path := range []string{`C:\k`, `C:\Windows\mullion`, `C:\ProgramData\mullion`, `C:\var\lib\kubelet`} {
		if result, err := h.Exec(ctx, "if exist "+path+" exit 3"); err != nil || result.ExitCode == 3 {
			t.Errorf("%s is there: %v: %s", path, err, listing(ctx, h, path))
		}
	}
	tokens, err := s.Kube.CoreV1().Secrets(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{FieldSelector: "type=" + string(corev1.SecretTypeBootstrapToken)})
	if err != nil || len(tokens.Items) > 0 {
		t.Errorf("there are tokens: %v %v", tokens, err)
	}
}

// listing is what a directory has that should be gone.
func listing(ctx context.Context, h *host, path string) string {
	result, err := h.Exec(ctx, "dir /s /b "+path)
	if err != nil {
		return err.Error()
	}
	return result.Stdout + result.Stderr
}
