package approver

import (
	"strings"
	"sync"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// reasonRefused is that of the event of a host about a request that was not approved.
const reasonRefused = "CertificateNotApproved"

// maxBecause is how much of a reason is told, in bytes. API servers refuse events with notes of more than 1 kB; whoever
// forges a request could name himself at such length that nobody would be told.
const maxBecause = 640

// told remembers which refusals were told, for as long as their requests are there, which is a day at most.
type told struct {
	events events.EventRecorder

	mu       sync.Mutex
	refusals map[string]string // by the name of the request
}

func newTold(recorder events.EventRecorder) *told {
	return &told{events: recorder, refusals: map[string]string{}}
}

// refusal tells a host why a request is not approved. It returns false if that was told before.
func (t *told) refusal(request *certificatesv1.CertificateSigningRequest, host *v1alpha1.WindowsHost, because string) bool {
	if len(because) > maxBecause {
		because = strings.ToValidUTF8(because[:maxBecause], "") + "…"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refusals[request.Name] == because {
		return false
	}
	t.refusals[request.Name] = because
	t.events.Eventf(host, request, corev1.EventTypeWarning, reasonRefused, "Approve",
		"certificate signing request %s for %s is left pending: %s", request.Name, request.Spec.SignerName, because)
	return true
}

// forget lets go of a request that is there no more, or was approved.
func (t *told) forget(request string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.refusals, request)
}
