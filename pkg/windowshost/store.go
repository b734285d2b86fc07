package windowshost

import (
	"context"
	"fmt"
	"time"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// store writes the one object of a pass.
type store struct {
	client client.Client
	events events.EventRecorder
	clock  clock.PassiveClock
	redact func(string) string
	// written is the object as it was read, or written last.
	written *v1alpha1.WindowsHost
	// unwritten is why a status was not written, as far as is known; nil where every one was.
	unwritten error
}

func (s *store) now() time.Time { return s.clock.Now() }

// save writes the status, if it has changed, and tells what has changed about it. It is refused if somebody else has
// written meanwhile: what this pass has seen may not be so any more, and the next one looks again.
func (s *store) save(ctx context.Context, host *v1alpha1.WindowsHost) error {
	if apiequality.Semantic.DeepEqual(&s.written.Status, &host.Status) {
		return nil
	}
	patch := client.MergeFromWithOptions(s.written, client.MergeFromWithOptimisticLock{})
	answer := host.DeepCopy()
	if err := s.client.Status().Patch(ctx, answer, patch); err != nil {
		s.unwritten = fmt.Errorf("writing the status of WindowsHost %s/%s: %w", host.Namespace, host.Name, err)
		return s.unwritten
	}
	s.tell(host, &s.written.Status)
	s.wrote(host, answer)
	return nil
}

// saveFinalizers writes the finalizers of the host, and nothing else of it.
func (s *store) saveFinalizers(ctx context.Context, host *v1alpha1.WindowsHost) error {
	patch := client.MergeFromWithOptions(s.written, client.MergeFromWithOptimisticLock{})
	answer := s.written.DeepCopy()
	answer.Finalizers = host.Finalizers
	if err := s.client.Patch(ctx, answer, patch); err != nil {
		return fmt.Errorf("writing the finalizers of WindowsHost %s/%s: %w", host.Namespace, host.Name, err)
	}
	s.written.Finalizers = host.Finalizers
	host.ResourceVersion = answer.ResourceVersion
	s.written.ResourceVersion = answer.ResourceVersion
	return nil
}

// wrote notes that the host is now as the API server has answered.
func (s *store) wrote(host, answer *v1alpha1.WindowsHost) {
	host.ResourceVersion = answer.ResourceVersion
	s.written = host.DeepCopy()
}

// say sets a condition. Its time changes only with its status.
func (p *pass) say(kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(&p.host.Status.Conditions, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: shortened(p.redact(message), maxConditionMessage),
		ObservedGeneration: p.host.Generation, LastTransitionTime: metav1.NewTime(p.now()),
	})
}

// The limits of the API, in bytes.
const (
	maxMessage          = 1024
	maxErrorMessage     = 4096
	maxConditionMessage = 4096 // The API has room for more; nobody reads it.
)

// sayUnknown sets the conditions about which nothing was ever said.
func (p *pass) sayUnknown() {
	for _, kind := range []string{
		v1alpha1.HostConditionReady, v1alpha1.HostConditionReachable, v1alpha1.HostConditionHostKeyVerified,
		v1alpha1.HostConditionPreflightPassed, v1alpha1.HostConditionConfigured, v1alpha1.HostConditionJoined,
		v1alpha1.HostConditionUpToDate, v1alpha1.HostConditionRebootRequired, v1alpha1.HostConditionDegraded,
	} {
		if meta.FindStatusCondition(p.host.Status.Conditions, kind) == nil {
			p.say(kind, metav1.ConditionUnknown, v1alpha1.ReasonNotYet, "Nothing is known about this yet.")
		}
	}
	// Who drains it is the node manager alone, which knows that it does not. A host that joins is never drained.
	if meta.FindStatusCondition(p.host.Status.Conditions, v1alpha1.HostConditionDraining) == nil {
		p.say(v1alpha1.HostConditionDraining, metav1.ConditionFalse, v1alpha1.ReasonNotDraining, "It has not been drained.")
	}
}

// announce writes a phase in which the host will be for a while, before that begins.
func (p *pass) announce(ctx context.Context, phase v1alpha1.HostPhase, step v1alpha1.HostStep, message string) error {
	if p.host.Status.Phase == phase && p.host.Status.Step == step {
		return nil
	}
	p.host.Status.Phase, p.host.Status.Step = phase, step
	p.host.Status.Message = shortened(message, maxMessage)
	return p.save(ctx, p.host)
}
