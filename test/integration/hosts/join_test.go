package hosts

import (
	"net"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func splitAddress(t *testing.T, address string) (host string, port int32) {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return host, int32(number)
}

func TestABareHostBecomesANodeThatTakesPods(t *testing.T) {
	s := newScene(t, framework.Build2022)
	h := s.GivenHost("bare", framework.Build2022)
	object := s.ExpectPhase(h, v1alpha1.HostReady)
	for _, condition := range []string{
		v1alpha1.HostConditionReady, v1alpha1.HostConditionReachable, v1alpha1.HostConditionHostKeyVerified,
		v1alpha1.HostConditionPreflightPassed, v1alpha1.HostConditionConfigured, v1alpha1.HostConditionJoined,
		v1alpha1.HostConditionUpToDate,
	} {
		s.ExpectCondition(object, condition, metav1.ConditionTrue)
	}
	node := s.Node(h)
	if node.Spec.Unschedulable {
		t.Error("the node is cordoned")
	}
	for label, want := range map[string]string{
		corev1.LabelWindowsBuild: framework.Build2022, v1alpha1.LabelBYOH: "true", "node-role.kubernetes.io/worker": "",
		"node.openshift.io/os_id": "Windows",
	} {
		if got, found := node.Labels[label]; !found || got != want {
			t.Errorf("label %s is %q, want %q", label, got, want)
		}
	}
	if node.Annotations[v1alpha1.AnnotationPublicKeyHash] == "" || node.Annotations[v1alpha1.AnnotationHost] != h.Key.String() {
		t.Errorf("annotations are %v", node.Annotations)
	}
	s.ExpectPlaced(s.Pod(s.Image("windows/servercore:ltsc2022")), framework.Build2022)
}
