package manifests_test

import (
	"net/http"
	"testing"
	"time"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

// header keeps a header of the last response.
type header struct {
	http.RoundTripper
	last http.Header
}

func (h *header) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := h.RoundTripper.RoundTrip(request)
	if err == nil {
		h.last = response.Header
	}
	return response, err
}

func TestTheLeaseDoesNotQueueBehindWhatHostsNeed(t *testing.T) {
	ctx := testContext(t)
	config, err := framework.NodeManager(ctx, shared.cluster)
	if err != nil {
		t.Fatal(err)
	}
	seen := &header{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		seen.RoundTripper = next
		return seen
	})
	nodeManager, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	flow, err := shared.admin.FlowcontrolV1().FlowSchemas().Get(ctx, "mullion-nodemanager-leader-election", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	matched := func() bool {
		return seen.last.Get(flowcontrolv1.ResponseHeaderMatchedFlowSchemaUID) == string(flow.UID)
	}
	for { // API servers hear of a FlowSchema by a watch.
		_, err := nodeManager.CoordinationV1().Leases(namespace).Get(ctx, "mullion-nodemanager", metav1.GetOptions{}) // There is none.
		if matched() {
			break
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("the Lease has no level of its own; the last answer: %v", err)
		}
	}
	if _, err := nodeManager.CoreV1().Nodes().List(ctx, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	if matched() {
		t.Error("what hosts need is of the same level as the Lease")
	}
}
