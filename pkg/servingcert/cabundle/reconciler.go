package cabundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

// FieldOwner is the manager of the caBundles in metadata.managedFields.
const FieldOwner = client.FieldOwner("mullion-cabundle")

const (
	// DefaultRetireDelay is many passes of a replica: see [Options].RetireDelay.
	DefaultRetireDelay = 15 * time.Minute
	// resync repairs what a lost event would have told.
	resync = 10 * time.Minute
)

// Options configure a [Reconciler].
type Options struct {
	// Reader reads the Secret and the targets from the API server, not from a cache. Required.
	Reader client.Reader
	// Writer patches the caBundles. Required.
	Writer client.Writer
	// Secret is where the authority is kept. Required.
	Secret types.NamespacedName
	// Targets get its CAs. One that does not exist is waited for.
	Targets []Target
	// RetireDelay is how long this process must have seen the same CAs in the Secret before it removes any
	// others from a caBundle. DefaultRetireDelay if zero.
	RetireDelay time.Duration
	// Clock defaults to the real one.
	Clock clock.PassiveClock
}

// Reconciler brings the CAs of the serving authority into the caBundles of its targets. One process in the
// cluster should run it, under leader election; two do no harm but race.
type Reconciler struct {
	options    Options
	retirement *retirement
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// NewReconciler fills in the defaults.
func NewReconciler(options Options) (*Reconciler, error) {
	if options.Reader == nil || options.Writer == nil || options.Secret.Name == "" || options.Secret.Namespace == "" {
		return nil, errors.New("configuring the caBundle controller: reader, writer and secret are required")
	}
	if options.RetireDelay == 0 {
		options.RetireDelay = DefaultRetireDelay
	}
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	return &Reconciler{options: options, retirement: &retirement{delay: options.RetireDelay}}, nil
}

// Reconcile looks at the Secret and all targets, whatever the request says. While the Secret is missing or
// names no CA it changes nothing: what is in the caBundles is then the best that is known.
func (r *Reconciler) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	secret := &corev1.Secret{}
	err := r.options.Reader.Get(ctx, r.options.Secret, secret)
	switch {
	case apierrors.IsNotFound(err):
		return reconcile.Result{RequeueAfter: resync}, nil
	case err != nil:
		return reconcile.Result{}, fmt.Errorf("reading secret %s: %w", r.options.Secret, err)
	}
	wanted, retireAfter, err := authority.DecodeTrusted(secret)
	if err != nil {
		ctrl.LoggerFrom(ctx).Info("waiting for the serving authority", "secret", r.options.Secret, "reason", err.Error())
		return reconcile.Result{RequeueAfter: resync}, nil
	}

	now := r.options.Clock.Now()
	left, known := r.retirement.wait(now, wanted, retireAfter)
	keepEarlier := !known || left > 0

	var errs []error
	for _, t := range r.options.Targets {
		errs = append(errs, r.inject(ctx, t, wanted, keepEarlier, now))
	}
	requeue := resync
	if left > 0 {
		requeue = min(requeue, left)
	}
	return reconcile.Result{RequeueAfter: requeue}, errors.Join(errs...)
}

// inject brings the caBundles of one target up to date, and does not write if they are.
func (r *Reconciler) inject(ctx context.Context, t Target, wanted authority.Bundle, keepEarlier bool, now time.Time) error {
	object, endpoints, err := t.read(ctx, r.options.Reader)
	if err != nil || object == nil {
		return err
	}
	var outdated []endpoint
	for _, e := range endpoints {
		bundle := merge(authority.ParseBundle(e.bundle), wanted, keepEarlier, now).PEM()
		if !bytes.Equal(bundle, e.bundle) {
			outdated = append(outdated, endpoint{pointer: e.pointer, bundle: bundle})
		}
	}
	if len(outdated) == 0 {
		return nil
	}
	patch, err := patchOf(object.GetResourceVersion(), outdated)
	if err != nil {
		return fmt.Errorf("encoding the caBundle of %s: %w", t, err)
	}
	if err := r.options.Writer.Patch(ctx, object, patch, FieldOwner); err != nil {
		return fmt.Errorf("writing the caBundle of %s: %w", t, err)
	}
	ctrl.LoggerFrom(ctx).Info("wrote caBundle", "target", t.String(), "keepEarlier", keepEarlier)
	return nil
}
