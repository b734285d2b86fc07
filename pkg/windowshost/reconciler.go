package windowshost

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Reconciler makes hosts what their policies want. It keeps nothing between calls. Every field has to be set but Options.
type Reconciler struct {
	// Client reads from a cache that has the indexes of [Index], and writes.
	Client client.Client
	// API reads from the API server itself.
	API client.Reader

	Access      Access
	Machines    Machines
	Bundles     Bundles
	Cluster     Cluster
	Credentials Credentials
	Drainer     Drainer
	Turns       Turns
	// Kubelets is nil where nobody wants to know when certificates end.
	Kubelets Kubelets

	// Events is told of what becomes of a host.
	Events events.EventRecorder
	// Clock says what time it is.
	Clock clock.PassiveClock
	// Metrics is told what happens.
	Metrics Metrics
	Options Options
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// Reconcile looks at the one host that the request names.
func (r *Reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var host v1alpha1.WindowsHost
	if err := r.Client.Get(ctx, request.NamespacedName, &host); err != nil {
		if client.IgnoreNotFound(err) != nil {
			return reconcile.Result{}, fmt.Errorf("reading WindowsHost %s: %w", request, err)
		}
		r.Turns.Give(request.NamespacedName)
		return reconcile.Result{}, nil
	}
	p := newPass(&host, &store{client: r.Client, events: r.Events, clock: r.Clock, written: host.DeepCopy()})
	ended := r.look(ctx, p)
	result, err := r.conclude(ctx, p, ended)
	if apierrors.IsConflict(err) {
		// The host as it was read was older than the one that is there: mostly than what was written of it a moment ago.
		// That is nobody's error, and no line in a log that somebody reads because of an error.
		ctrl.LoggerFrom(ctx).V(1).Info("looking again at what has been written meanwhile", "because", err.Error())
		return reconcile.Result{RequeueAfter: behind}, nil
	}
	return result, err
}

// ending is how a pass ended.
type ending struct {
	// step is the one that ended it.
	step v1alpha1.HostStep
	verdict
	err error
}

// run does steps until one ends the pass. Without such a one the ending does not stop.
func (r *Reconciler) run(ctx context.Context, p *pass, steps []step) ending {
	var last v1alpha1.HostStep
	for _, s := range steps {
		last = s.name()
		v, err := r.do(ctx, p, s)
		if err != nil || v.stop || p.gone {
			v.stop = true
			return ending{step: last, verdict: v, err: err}
		}
	}
	return ending{step: last}
}

func (r *Reconciler) do(ctx context.Context, p *pass, s step) (verdict, error) {
	began := r.Clock.Now()
	v, err := s.do(ctx, p)
	reason := ""
	if err != nil && !apierrors.IsConflict(err) { // One that has read something old failed at nothing, and looks again.
		reason = reasonOf(err)
	}
	r.Metrics.StepEnded(s.name(), r.Clock.Since(began), reason)
	return v, err
}

// conclude writes the status, and says when to look again.
func (r *Reconciler) conclude(ctx context.Context, p *pass, e ending) (reconcile.Result, error) {
	log := ctrl.LoggerFrom(ctx)
	if p.gone {
		r.finish(p)
		return reconcile.Result{}, e.err
	}
	if apierrors.IsConflict(e.err) {
		// Somebody else has written: there is nothing to be said of the host, only to look again.
		return reconcile.Result{}, e.err
	}
	if p.unwritten != nil {
		// The status tells of what was to be done after it was written, and was not: it must not be written after all.
		return reconcile.Result{}, p.unwritten
	}
	after := p.summarize(e, r.Options.withDefaults())
	switch was, is := &p.written.Status, &p.host.Status; {
	case was.Phase != is.Phase:
		log.Info("host's phase changed", "phase", is.Phase, "was", was.Phase, "message", is.Message)
	case failedAnew(was.LastError, is.LastError):
		log.Info("host's step failed", "step", is.LastError.Step, "reason", is.LastError.Reason, "message", is.Message)
	}
	if err := p.save(ctx, p.host); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	r.finish(p)
	return reconcile.Result{RequeueAfter: after, Priority: new(priority(p.host, e.err != nil))}, nil
}

// finish does what had to wait for the status to be written.
func (r *Reconciler) finish(p *pass) {
	for _, do := range p.afterwards {
		do()
	}
}
