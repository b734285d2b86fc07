package manifests_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

func TestApplyingTheInstallationAgainChangesNothing(t *testing.T) {
	ctx := testContext(t)
	configuration := func() string {
		m, err := shared.admin.AdmissionregistrationV1().MutatingWebhookConfigurations().Get(ctx, "00-mullion", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := shared.admin.AppsV1().Deployments(namespace).Get(ctx, "mullion-webhook", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(m.Generation, d.Generation)
	}
	before := configuration()
	if err := shared.cluster.Apply(ctx, filepath.Join(shared.root, "manifests/overlays/default")); err != nil {
		t.Fatal(err)
	}
	if after := configuration(); after != before {
		t.Errorf("generations %s became %s", before, after)
	}
	if err := shared.cluster.RouteServiceToLoopback(ctx, namespace, "mullion-webhook"); err != nil {
		t.Fatal(err)
	}
}

// Pod Security, scheduling and the namespace's own exclusion are all real here; only the nodes are hollow.
func TestTheDeploymentsPodsAreAdmittedScheduledAndAvailable(t *testing.T) {
	ctx := testContext(t)
	for _, name := range []string{"mullion-webhook", "mullion-nodemanager"} {
		_, err := shared.cluster.Kubectl(ctx, nil, "rollout", "status", "--namespace", namespace, "deployment/"+name, "--timeout=2m")
		if err != nil {
			t.Error(err)
			continue
		}
		pods, err := shared.admin.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{
			LabelSelector: "app.kubernetes.io/component=" + strings.TrimPrefix(name, "mullion-"),
		})
		if err != nil {
			t.Fatal(err)
		}
		nodes := map[string]bool{}
		for _, pod := range pods.Items {
			nodes[pod.Spec.NodeName] = true
		}
		if len(nodes) != 2 {
			t.Errorf("the replicas of %s are on %v: want two nodes", name, nodes)
		}
	}
}

func TestEverySampleIsAccepted(t *testing.T) {
	ctx := testContext(t)
	if _, err := shared.cluster.Kubectl(ctx, nil, "wait", "--for=condition=Established", "crd", "--all", "--timeout=1m"); err != nil {
		t.Fatal(err)
	}
	out, err := shared.cluster.Kubectl(ctx, nil, "apply", "--dry-run=server", "-f", filepath.Join(shared.root, "manifests/samples"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "windowsbuildpolicy.mullion.dev/default created (server dry run)") {
		t.Errorf("kubectl said %q", out)
	}
}

// RBAC limits list and watch to a name for those who ask for that name only. That others can be read by name is for pull
// secrets, which pods name; nobody learns from it which there are.
func TestTheNodeManagerMayWatchTheOneSecretAndNoOther(t *testing.T) {
	ctx := testContext(t)
	identity, err := shared.cluster.ServiceAccount(ctx, namespace, "mullion-nodemanager")
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(identity.RESTConfig())
	if err != nil {
		t.Fatal(err)
	}
	named := metav1.ListOptions{FieldSelector: "metadata.name=mullion-webhook-ca"}
	if _, err := client.CoreV1().Secrets(namespace).List(ctx, named); err != nil {
		t.Errorf("listing the one: %v", err)
	}
	for what, list := range map[string]func() error{
		"listing all": func() error {
			_, err := client.CoreV1().Secrets(namespace).List(ctx, metav1.ListOptions{})
			return err
		},
		"listing the one elsewhere": func() error {
			_, err := client.CoreV1().Secrets("kube-system").List(ctx, named)
			return err
		},
		"watching all": func() error {
			_, err := client.CoreV1().Secrets(namespace).Watch(ctx, metav1.ListOptions{})
			return err
		},
		"deleting another": func() error {
			return client.CoreV1().Secrets(namespace).Delete(ctx, "another", metav1.DeleteOptions{})
		},
	} {
		if err := list(); !apierrors.IsForbidden(err) {
			t.Errorf("%s: got %v: want Forbidden", what, err)
		}
	}
}
