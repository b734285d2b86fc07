package manifests_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

func TestWithoutAWebhookOnlyWindowsPodsAreRefused(t *testing.T) {
	ctx := testContext(t)
	for name, labels := range map[string]map[string]string{"outage": nil, "outage-outside": {"mullion.dev/ignore": "true"}} {
		makeNamespace(ctx, t, name, labels)
	}
	class := &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: "gvisor"}, Handler: "runsc"}
	if _, err := shared.admin.NodeV1().RuntimeClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		namespace string
		spec      corev1.PodSpec
		refused   bool
	}{
		"a pod that says nothing is admitted":               {"outage", corev1.PodSpec{}, false},
		"a Linux pod is admitted":                           {"outage", corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Linux}}, false},
		"a pod on Linux nodes is admitted":                  {"outage", corev1.PodSpec{NodeSelector: map[string]string{corev1.LabelOSStable: "linux"}}, false},
		"a pod with a RuntimeClass is admitted":             {"outage", corev1.PodSpec{RuntimeClassName: ptr.To("gvisor")}, false},
		"a Windows pod is refused":                          {"outage", corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}}, true},
		"a pod on Windows nodes is refused":                 {"outage", corev1.PodSpec{NodeSelector: map[string]string{corev1.LabelOSStable: "windows"}}, true},
		"a Windows pod outside of every policy is admitted": {"outage-outside", corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}}, false},
	}
	for sentence, test := range tests {
		t.Run(sentence, func(t *testing.T) {
			test.spec.Containers = []corev1.Container{{Name: "web", Image: "registry.example.com/web:1"}}
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "web-"}, Spec: test.spec}
			_, err := shared.admin.CoreV1().Pods(test.namespace).Create(ctx, pod, metav1.CreateOptions{})
			switch {
			case test.refused && (err == nil || !strings.Contains(err.Error(), `failed calling webhook "pods.validate.mullion.dev"`)):
				t.Errorf("got %v: want the failure of the validating webhook", err)
			case !test.refused && err != nil:
				t.Error(err)
			}
		})
	}
}

func TestADeploymentOfWindowsPodsIsAdmittedWithoutAWebhook(t *testing.T) {
	ctx := testContext(t)
	makeNamespace(ctx, t, "outage-workloads", nil)
	deployment := `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: outage-workloads}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      os: {name: windows}
      containers: [{name: web, image: "registry.example.com/web:1"}]
`
	if _, err := shared.cluster.Kubectl(ctx, strings.NewReader(deployment), "apply", "-f", "-"); err != nil {
		t.Error(err)
	}
}
