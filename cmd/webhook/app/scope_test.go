package app

import (
	"os"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func TestReviewsLeaveOutTheNamespacesThatTheShippedWebhooksLeaveOut(t *testing.T) {
	file, err := os.Open("../../../manifests/base/webhook/mutating.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var shipped admissionregistrationv1.MutatingWebhookConfiguration
	if err := yaml.NewYAMLOrJSONDecoder(file, 4096).Decode(&shipped); err != nil {
		t.Fatal(err)
	}
	for name, more := range map[string]labels.Set{
		"kube-system": nil, "mullion-system": nil, "default": nil, "shop": nil, "kube-public": nil,
		"ignored": {ignoreLabel: "true"}, "not-ignored": {ignoreLabel: "false"}, "ignored-with-capitals": {ignoreLabel: "True"},
	} {
		known := labels.Merge(labels.Set{corev1.LabelMetadataName: name}, more)
		why := scope{own: "mullion-system"}.Excluded(name, known)
		for i := range shipped.Webhooks {
			selector, err := metav1.LabelSelectorAsSelector(shipped.Webhooks[i].NamespaceSelector)
			if err != nil {
				t.Fatal(err)
			}
			if shown := selector.Matches(known); shown != (why == "") {
				t.Errorf("namespace %s with labels %v: shown to %s: %v, and reviews exclude it because %q", name, more, shipped.Webhooks[i].Name, shown, why)
			}
		}
	}
}
