package uninstall_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// Namespaces of users, made after the installation.
const (
	branch = "branch-office"
	shop   = "shop"
)

func TestTheDocumentedUninstallLeavesHostsAndClusterAsTheyWere(t *testing.T) {
	s := newScene(t)
	s.makeNamespace(branch)
	s.create(shared.hosts.Secret(branch, keySecret))
	listed := s.listed("listed")
	byHand := s.given(branch, "by-hand", scriptedhosts.Healthy)
	lost := s.given(branch, "lost", scriptedhosts.Healthy)
	joining := s.given(branch, "joining", scriptedhosts.Unregistered)
	s.untilReady(listed, byHand, lost)
	s.untilEach("joins", []*host{joining}, func(status *v1alpha1.WindowsHostStatus) bool { return status.Phase == v1alpha1.HostJoining })
	s.makeNamespace(shop)
	s.deploy(byHand.Name())
	s.untilUserDataIsThere()
	for command, printed := range s.left() {
		if printed == "" {
			t.Errorf("%s prints nothing though nothing has been uninstalled", command)
		}
	}
	if err := lost.Become(scriptedhosts.Down); err != nil {
		t.Fatal(err)
	}

	s.follow("See who would be stranded", nil)
	s.follow("Sources", nil)
	s.follow("Hosts", nil)
	s.follow("A host that is gone for good", placeholders{"NAMESPACE": branch, "NAME": lost.Name(), "NODE": lost.Name()})
	s.follow("Go on when no host is left", nil)
	s.expectAsTheyWere(listed, byHand, joining)
	s.untilRunning(elsewhere, nil)
	s.follow("Admission", nil)
	s.follow("Windows pods that stay", placeholders{"NAMESPACE": shop, "NAME": "web"})
	s.untilRunning(elsewhere, func(pod *corev1.Pod) error {
		if pod.Spec.RuntimeClassName != nil {
			return errors.New("it still has RuntimeClass " + *pod.Spec.RuntimeClassName)
		}
		return nil
	})
	s.follow("Policies", nil)
	s.follow("The installation", nil)
	s.deleteNamespaces(shop, branch)
	s.expectNothingLeft()
}

func TestWhatWasDeletedInAnotherOrderGoesInTheDocumentedWay(t *testing.T) {
	s := newScene(t)
	first := s.given(install.Namespace, "first", scriptedhosts.Healthy)
	second := s.given(install.Namespace, "second", scriptedhosts.Healthy)
	s.untilReady(first, second)
	s.makeNamespace(shop)
	s.deploy(second.Name())

	// The node manager is stopped, and a host deleted.
	manager := s.mullion.NodeManagers[0]
	s.mustExecute("kubectl -n mullion-system scale deployment mullion-nodemanager --replicas=0")
	manager.Stop(t.Context())
	s.mustExecute("kubectl -n mullion-system delete windowshost first --wait=false")
	if object, err := read(t.Context(), first); err != nil || object == nil || object.DeletionTimestamp == nil {
		t.Fatalf("the host was not deleted, or did not stay: %v, %v", object, err)
	}
	s.follow("The node manager was stopped", nil)
	if err := manager.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the host is given back", func(ctx context.Context) error {
		if object, err := read(ctx, first); err != nil || object != nil {
			return fmt.Errorf("it is there: %v, %w", object, err)
		}
		return nil
	})
	s.expectAsTheyWere(first)

	// Everything is deleted at once, the namespace first, and there is nobody any more who would give a host back.
	manager.Stop(t.Context())
	s.mustExecute("kubectl delete namespace mullion-system --wait=false")
	s.mustExecute("kubectl delete -k manifests/overlays/hosts --ignore-not-found --wait=false")
	s.mullion.Stop()
	object, err := read(t.Context(), second)
	if err != nil || object == nil {
		t.Fatalf("the host did not stay: %v", err)
	}
	s.follow("Its namespace, or the whole installation, was deleted", nil)
	s.follow("Each host", placeholders{
		"NAMESPACE": object.Namespace, "NAME": object.Name, "NODE": object.Status.Node.Name,
		"ADDRESS": object.Spec.Address, "PORT": fmt.Sprint(object.Spec.Port), "LOGIN": object.Spec.User,
		"FILE": s.keyFile(), "FINGERPRINT": object.Status.HostKey,
	})
	s.expectAsTheyWere(second)
	s.untilRunning(elsewhere, nil)
	s.follow("Windows pods that stay", placeholders{"NAMESPACE": shop, "NAME": "web"})
	s.follow("Then the rest", nil)
	s.deleteNamespaces(shop)
	s.expectNothingLeft()
}

func TestEveryCommandOfTheDocumentIsExecutedHere(t *testing.T) {
	want := []string{
		"A host that is gone for good", "Admission", "Each host", "Go on when no host is left", "Hosts",
		"Its namespace, or the whole installation, was deleted", "Policies", "See that nothing is left",
		"See who would be stranded", "Sources", "The installation", "The node manager was stopped", "Then the rest",
		"Windows pods that stay",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(readDocument(t)))); diff != "" {
		t.Errorf("(-executed +documented):\n%s", diff)
	}
}

// deploy deploys Windows pods that say themselves where they go, and would rather be on a node of ours.
func (s *scene) deploy(node string) {
	s.t.Helper()
	s.untilPodsAreTaken(node)
	labels := map[string]string{"app": "web"}
	spec := framework.Windows(shared.registry.Reference("windows/servercore:ltsc2022"))
	spec.NodeSelector = map[string]string{corev1.LabelOSStable: "windows"}
	spec.Tolerations = []corev1.Toleration{{Key: "os", Operator: corev1.TolerationOpExists}}
	spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{{Weight: 100, Preference: corev1.NodeSelectorTerm{
			MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{node}}},
		}}},
	}}
	s.create(&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop, Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(int32(1)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: spec},
		},
	})
	s.untilRunning(node, func(pod *corev1.Pod) error {
		if pod.Spec.RuntimeClassName == nil {
			return errors.New("it has no RuntimeClass")
		}
		return nil
	})
}

// untilPodsAreTaken waits until nothing keeps the scheduler from a node: its controller takes off what keeps pods from a node
// that is not ready a moment after it is.
func (s *scene) untilPodsAreTaken(name string) {
	s.t.Helper()
	until(s.t, name+" takes pods", func(ctx context.Context) error {
		node, err := shared.kube.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, taint := range node.Spec.Taints {
			if taint.Key != "os" {
				return fmt.Errorf("it has the taint %s", taint.ToString())
			}
		}
		return nil
	})
}

// untilRunning waits until the one pod is on a node, and as it should be.
func (s *scene) untilRunning(node string, check func(*corev1.Pod) error) {
	s.t.Helper()
	until(s.t, "the pod runs on "+node, func(ctx context.Context) error {
		pods, err := shared.kube.CoreV1().Pods(shop).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		if len(pods.Items) != 1 {
			return fmt.Errorf("there are %d pods", len(pods.Items))
		}
		if pod := &pods.Items[0]; pod.Spec.NodeName != node || pod.Status.Phase != corev1.PodRunning {
			return fmt.Errorf("it is %s on %q", pod.Status.Phase, pod.Spec.NodeName)
		}
		if check == nil {
			return nil
		}
		return check(&pods.Items[0])
	})
}
