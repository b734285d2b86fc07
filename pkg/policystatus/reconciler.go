package policystatus

import (
	"context"
	"fmt"

	nodev1 "k8s.io/api/node/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/impact/census"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// fieldOwner is the manager of the status's fields.
const fieldOwner = client.FieldOwner("mullion-nodemanager")

// Reconciler keeps the status of policies. It keeps nothing between calls.
type Reconciler struct {
	// Client reads policies and RuntimeClasses, which may come from a cache, and writes statuses.
	Client client.Client
	// Fleet is the newest compiled fleet.
	Fleet func() *policy.Fleet
	// Workloads is the newest count of who depends on builds; nil where that is not counted.
	Workloads func() *census.Count
	// Rollouts is told how far the hosts of each policy are. It is nil where no hosts are looked after: they are not read
	// then, which this program may not be permitted to.
	Rollouts Rollouts
	// Events is told of changed conditions.
	Events events.EventRecorder
	// Clock says when a condition changed.
	Clock clock.PassiveClock
}

// Rollouts is told how far the hosts of policies are.
type Rollouts interface {
	// Show is called with each look at a policy, and a nil status where no host lives under it.
	Show(policy string, status *v1alpha1.RolloutStatus)
	// Forget is called when a policy is gone.
	Forget(policy string)
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// Reconcile applies the status of the policy that the request names, if it has changed.
func (r *Reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var p v1alpha1.WindowsBuildPolicy
	if err := r.Client.Get(ctx, request.NamespacedName, &p); err != nil {
		if client.IgnoreNotFound(err) == nil {
			if r.Rollouts != nil {
				r.Rollouts.Forget(request.Name)
			}
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, fmt.Errorf("reading policy %s: %w", request.Name, err)
	}
	cluster, err := r.cluster(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	now := r.Clock.Now()
	status := Compute(&p, cluster, now)
	if r.Rollouts != nil {
		r.Rollouts.Show(p.Name, status.Rollout)
	}
	result := reconcile.Result{RequeueAfter: lookAgain(status.Rollout, now)}
	if same(&p.Status, &status) {
		return result, nil
	}
	if err := r.apply(ctx, p.Name, &status); err != nil {
		// The policy may have been deleted since it was read.
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	for _, e := range changes(p.Status.Conditions, status.Conditions) {
		ctrl.LoggerFrom(ctx).Info("policy's condition changed", "reason", e.reason, "message", e.note)
		r.Events.Eventf(&p, nil, e.kind, e.reason, "Reconcile", "%s", e.note)
	}
	return result, nil
}

// same tells that applying after would change nothing. Conditions that others have added, and the order of
// conditions, do not count.
func same(before, after *v1alpha1.WindowsBuildPolicyStatus) bool {
	arranged := *before
	arranged.Conditions = make([]metav1.Condition, 0, len(after.Conditions))
	for i := range after.Conditions {
		if c := meta.FindStatusCondition(before.Conditions, after.Conditions[i].Type); c != nil {
			arranged.Conditions = append(arranged.Conditions, *c)
		}
	}
	return apiequality.Semantic.DeepEqual(&arranged, after)
}

// cluster reads what statuses are computed from.
func (r *Reconciler) cluster(ctx context.Context) (*Cluster, error) {
	var policies v1alpha1.WindowsBuildPolicyList
	if err := r.Client.List(ctx, &policies); err != nil {
		return nil, fmt.Errorf("listing policies: %w", err)
	}
	var classes nodev1.RuntimeClassList
	if err := r.Client.List(ctx, &classes); err != nil {
		return nil, fmt.Errorf("listing RuntimeClasses: %w", err)
	}
	cluster := &Cluster{Policies: policies.Items, Fleet: r.Fleet(), Classes: make(map[string]*nodev1.RuntimeClass, len(classes.Items))}
	for i := range classes.Items {
		cluster.Classes[classes.Items[i].Name] = &classes.Items[i]
	}
	if r.Rollouts != nil {
		if err := r.readHosts(ctx, cluster); err != nil {
			return nil, err
		}
	}
	if r.Workloads != nil {
		cluster.Workloads = r.Workloads()
	}
	return cluster, nil
}

// readHosts reads the hosts, and what they are to have. Nothing of them is changed or kept, so that they need not be copied.
func (r *Reconciler) readHosts(ctx context.Context, cluster *Cluster) error {
	var hosts v1alpha1.WindowsHostList
	if err := r.Client.List(ctx, &hosts, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing hosts: %w", err)
	}
	generations, err := rollout.Generations(ctx, r.Client)
	if err != nil {
		return err
	}
	cluster.Hosts, cluster.NodeConfigs = hosts.Items, generations
	return nil
}

// apply sets the whole status, and nothing else of the policy.
func (r *Reconciler) apply(ctx context.Context, name string, status *v1alpha1.WindowsBuildPolicyStatus) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(status)
	if err != nil {
		return fmt.Errorf("encoding the status of policy %s: %w", name, err)
	}
	object := &unstructured.Unstructured{Object: map[string]any{"status": content}}
	object.SetGroupVersionKind(v1alpha1.SchemeGroupVersion.WithKind("WindowsBuildPolicy"))
	object.SetName(name)
	err = r.Client.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(object), fieldOwner, client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("applying the status of policy %s: %w", name, err)
	}
	return nil
}
