package windowshost

import (
	"fmt"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// runKubelets registers nodes, and says that they are Ready, for hosts on which a kubelet runs.
func (s *scene) runKubelets() {
	s.t.Helper()
	for name, h := range s.hosts {
		if s.mute[name] {
			continue
		}
		s.runKubelet(name, h)
	}
}

func (s *scene) runKubelet(name string, h *fakeHost) {
	s.t.Helper()
	fault := s.fault
	s.fault = nil
	defer func() { s.fault = fault }()
	node := s.node(name)
	running := h.Machine.Running("kubelet")
	switch {
	case node == nil && !running:
		return
	case node == nil:
		var address string
		h.Machine.SetFacts(func(f *state.Facts) { address, _, _ = strings.Cut(f.Networks[0].Addresses[0], "/") })
		s.create(&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{
				Name: name, UID: types.UID(fmt.Sprintf("node-%s-%d", name, s.passes)),
				Labels: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: s.build},
			},
			Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address}}},
		})
		request := &certificatesv1.CertificateSigningRequest{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("csr-%s-%d", name, s.passes)},
			Spec: certificatesv1.CertificateSigningRequestSpec{
				SignerName: certificatesv1.KubeletServingSignerName, Username: "system:node:" + name,
			},
			Status: certificatesv1.CertificateSigningRequestStatus{Certificate: s.cluster.facts.Authority},
		}
		if s.unsigned {
			request.Status.Certificate = nil
		}
		s.create(request)
		node = s.node(name)
	}
	before := node.DeepCopy()
	status := corev1.ConditionTrue
	if !running {
		status = corev1.ConditionFalse
	}
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status, Message: "the kubelet says so"}}
	node.Status.NodeInfo.KubeletVersion = s.kubeletOf(h)
	if s.kubelets != nil {
		s.kubelets(node)
	}
	if err := s.client.Status().Patch(s.t.Context(), node, client.MergeFrom(before)); err != nil {
		s.t.Fatal(err)
	}
}

// kubeletOf is the version of the kubelet that a host is to run, as the path of its program tells.
func (s *scene) kubeletOf(h *fakeHost) string {
	for name, description := range h.Machine.Snapshot() {
		if name != "service kubelet" {
			continue
		}
		for _, v := range []string{"v1.37.2", "v1.37.3", "v1.36.5"} {
			if strings.Contains(description, strings.TrimPrefix(bundleDigest(v), "sha256:")[:16]) {
				return v
			}
		}
	}
	return ""
}

// sign signs all requests, and those to come.
func (s *scene) sign() {
	s.t.Helper()
	s.unsigned = false
	var requests certificatesv1.CertificateSigningRequestList
	if err := s.client.List(s.t.Context(), &requests); err != nil {
		s.t.Fatal(err)
	}
	for i := range requests.Items {
		request := &requests.Items[i]
		before := request.DeepCopy()
		request.Status.Certificate = s.cluster.facts.Authority
		if err := s.client.Status().Patch(s.t.Context(), request, client.MergeFrom(before)); err != nil {
			s.t.Fatal(err)
		}
	}
}
