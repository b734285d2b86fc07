package windowshost

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// shownCertificates is what kubelets show.
type shownCertificates struct {
	asked []string
	err   error
}

func (s *shownCertificates) CertificateEnd(_ context.Context, address string) (time.Time, error) {
	s.asked = append(s.asked, address)
	return time.Unix(1, 0), s.err
}

func TestTheEndOfAServingCertificateIsLookedAtInEachPassAndNeverInTheWay(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	shown := &shownCertificates{}
	s.shown = shown
	s.kubelets = func(n *corev1.Node) { n.Status.DaemonEndpoints.KubeletEndpoint.Port = 10250 }
	s.passed(h) // Its kubelet has told its port from now on.
	before := s.metrics.certificates
	host := s.passed(h)
	if want := net.JoinHostPort(host.Status.Node.Address, "10250"); len(shown.asked) == 0 || shown.asked[0] != want {
		t.Errorf("asked %v, want %s", shown.asked, want)
	}
	if s.metrics.certificates != before+1 {
		t.Errorf("%d certificates were seen, and then %d", before, s.metrics.certificates)
	}
	shown.err = errors.New("the port is closed")
	expectPhase(t, s.passed(h), v1alpha1.HostReady)
	if s.metrics.certificates != before+1 {
		t.Error("a certificate was seen that was not shown")
	}
}
