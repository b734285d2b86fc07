package instances

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// Reasons of events.
const (
	// reasonUnusable: an entry of the list, or a line of known_hosts, cannot be used.
	reasonUnusable = "EntryUnusable"
	// reasonUnlisted: a WindowsHost is deleted because its entry was.
	reasonUnlisted = "Unlisted"
	// reasonKept: hosts that are not listed any more are kept, because nobody has confirmed that they may go.
	reasonKept = "RemovalNotConfirmed"
)

const (
	// action is what was being done, in events.
	action = "ReadList"
	// noteLimit is the length of an event's note at which the API server refuses it, less some room.
	noteLimit = 1000
)

// report tells what somebody has to mend, of the list and of each entry.
func (r *Reconciler) report(ctx context.Context, list *corev1.ConfigMap, p *plan) {
	log := ctrl.LoggerFrom(ctx)
	for _, problem := range p.problems {
		log.Info("entry cannot be used", "entry", problem.Key, "why", problem.Err.Error())
		r.warn(r.part(list, "data["+problem.Key+"]"), reasonUnusable, problem.Key+": "+problem.Err.Error())
	}
	if len(p.held) > 0 {
		log.Info("hosts that are not listed any more are kept until their removal is confirmed", "hosts", len(p.held))
		r.warn(r.part(list, ""), reasonKept, keptNote(list, p.held))
	}
	r.Metrics.Observe(Source, hostsource.StateUsed, p.used)
	r.Metrics.Observe(Source, hostsource.StateUnusable, len(p.problems))
	r.Metrics.Observe(Source, hostsource.StateHeld, len(p.held))
}

func keptNote(list *corev1.ConfigMap, held []*v1alpha1.WindowsHost) string {
	if there(list) {
		return fmt.Sprintf("the list has no entry left, and %d hosts of it are kept, such as %s; to have them given back, annotate it with %s",
			len(held), held[0].Name, v1alpha1.AnnotationConfirmRemoval)
	}
	return fmt.Sprintf("the list is gone, and %d hosts of it are kept, such as %s; make it again, or delete the WindowsHosts to have them given back",
		len(held), held[0].Name)
}

// tellLine reports a line of known_hosts.
func (r *Reconciler) tellLine(given *corev1.ConfigMap, problem LineProblem) {
	field := fmt.Sprintf("data[%s]:%d", KnownHostsKey, problem.Line)
	r.warn(r.part(given, field), reasonUnusable, fmt.Sprintf("line %d: %v", problem.Line, problem.Err))
}

// tellRemoved says on a WindowsHost why it is being deleted.
func (r *Reconciler) tellRemoved(host *v1alpha1.WindowsHost) {
	r.Events.Eventf(host, nil, corev1.EventTypeNormal, reasonUnlisted, action, "it is not listed in ConfigMap %s any more", r.List)
}

// part refers to a field of a ConfigMap, for events: those about the same thing are counted, and those about different
// fields are not taken for the same. The list may be gone.
func (r *Reconciler) part(of *corev1.ConfigMap, field string) *corev1.ObjectReference {
	reference := &corev1.ObjectReference{APIVersion: "v1", Kind: "ConfigMap", Namespace: r.List.Namespace, Name: r.List.Name, FieldPath: field}
	if of != nil {
		reference.Name, reference.UID, reference.ResourceVersion = of.Name, of.UID, of.ResourceVersion
	}
	return reference
}

func (r *Reconciler) warn(about *corev1.ObjectReference, reason, note string) {
	if len(note) > noteLimit {
		note = note[:noteLimit] + "…"
	}
	r.Events.Eventf(about, nil, corev1.EventTypeWarning, reason, action, "%s", note)
}
