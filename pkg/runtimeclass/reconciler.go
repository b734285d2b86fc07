package runtimeclass

import (
	"context"
	"fmt"
	"time"

	nodev1 "k8s.io/api/node/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// fieldOwner is the manager of the classes' fields.
const fieldOwner = client.FieldOwner("mullion-nodemanager")

// retryInUse is how long a class that pods still use is left in peace. Looking costs a list of all pods.
const retryInUse = 5 * time.Minute

// Reconciler makes the RuntimeClasses of a cluster what [Desired] plans. It keeps nothing between calls.
type Reconciler struct {
	// Client reads policies and RuntimeClasses, which may come from a cache, and writes RuntimeClasses.
	Client client.Client
	// API reads RuntimeClasses and pods from the API server itself.
	API client.Reader
	// Fleet is the newest compiled fleet.
	Fleet func() *policy.Fleet
	// Events is told what was done to a class.
	Events events.EventRecorder
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// Reconcile brings the one class that the request names into its planned state.
func (r *Reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	plan, err := r.plan(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	live, err := get(ctx, r.Client, request.Name)
	if err != nil {
		return reconcile.Result{}, err
	}
	class, planned := plan.Class(request.Name)
	if !planned {
		return r.retire(ctx, plan, live)
	}
	switch class.StateOf(live) {
	case StateMissing:
		return reconcile.Result{}, r.create(ctx, class)
	case StateDrifted:
		return reconcile.Result{}, r.repair(ctx, class, live)
	case StateOtherHandler:
		return r.replace(ctx, class, live)
	default: // It is as it should be, or not ours to change. The policies' status says which.
		return reconcile.Result{}, nil
	}
}

func (r *Reconciler) plan(ctx context.Context) (*Plan, error) {
	var policies v1alpha1.WindowsBuildPolicyList
	if err := r.Client.List(ctx, &policies); err != nil {
		return nil, fmt.Errorf("listing policies: %w", err)
	}
	return Desired(policies.Items, r.Fleet()), nil
}

// get reads a class; nil where there is none.
func get(ctx context.Context, reader client.Reader, name string) (*nodev1.RuntimeClass, error) {
	var class nodev1.RuntimeClass
	err := reader.Get(ctx, client.ObjectKey{Name: name}, &class)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // No class is an answer.
	}
	if err != nil {
		return nil, fmt.Errorf("reading RuntimeClass %s: %w", name, err)
	}
	return &class, nil
}

// create makes a class. There may be one already that the cache does not know yet, ours or somebody else's;
// its appearing there is the next reason to reconcile.
func (r *Reconciler) create(ctx context.Context, class *Class) error {
	there, err := get(ctx, r.API, class.Name)
	if err != nil || there != nil {
		return err
	}
	if err := r.apply(ctx, class, nil); err != nil {
		return fmt.Errorf("making RuntimeClass %s: %w", class.Name, err)
	}
	ctrl.LoggerFrom(ctx).Info("RuntimeClass made", "build", class.Build.String(), "handler", class.Handler)
	return nil
}

// repair sets right what was changed in a class of ours, or what has to be changed.
func (r *Reconciler) repair(ctx context.Context, class *Class, live *nodev1.RuntimeClass) error {
	if err := r.apply(ctx, class, live); err != nil {
		return fmt.Errorf("repairing RuntimeClass %s: %w", class.Name, err)
	}
	ctrl.LoggerFrom(ctx).Info("RuntimeClass brought up to date", "build", class.Build.String())
	r.tell(live, reasonUpdated, "brought its node selector and tolerations up to date with policies and nodes")
	return nil
}
