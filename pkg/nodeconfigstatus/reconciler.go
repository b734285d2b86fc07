package nodeconfigstatus

import (
	"context"
	"fmt"
	"time"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

const (
	// fieldOwner is the manager of the status's fields.
	fieldOwner = client.FieldOwner("mullion-nodemanager")
	// askAgain is how often the API servers' version is asked for: nothing tells when they are upgraded.
	askAgain = 10 * time.Minute
	// clusterTimeout bounds asking for it. What is not known by then is shown as not known.
	clusterTimeout = 30 * time.Second
)

// Reconciler keeps the status of node configurations. It keeps nothing between calls.
type Reconciler struct {
	// Client reads configurations, policies and hosts, which may come from a cache, and writes statuses.
	Client client.Client
	// Cluster finds out facts of the cluster.
	Cluster func(context.Context) (nodeconfig.Cluster, error)
	// Clock says when a condition changed.
	Clock clock.PassiveClock
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// Reconcile applies the status of the configuration that the request names, if it has changed.
func (r *Reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var config v1alpha1.WindowsNodeConfig
	if err := r.Client.Get(ctx, request.NamespacedName, &config); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, fmt.Errorf("reading node configuration %s: %w", request.Name, err)
	}
	cluster, err := r.cluster(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	status := Compute(&config, cluster, r.Clock.Now())
	if !same(&config.Status, &status) {
		// The configuration may have been deleted since it was read.
		if err := client.IgnoreNotFound(r.apply(ctx, config.Name, &status)); err != nil {
			return reconcile.Result{}, err
		}
	}
	return reconcile.Result{RequeueAfter: askAgain}, nil
}

// cluster reads what statuses are computed from. Nothing of what is listed is changed or kept, so that it need not be
// copied.
func (r *Reconciler) cluster(ctx context.Context) (*Cluster, error) {
	var policies v1alpha1.WindowsBuildPolicyList
	if err := r.Client.List(ctx, &policies, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing policies: %w", err)
	}
	var hosts v1alpha1.WindowsHostList
	if err := r.Client.List(ctx, &hosts, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing hosts: %w", err)
	}
	bounded, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	facts, err := r.Cluster(bounded)
	return &Cluster{Policies: policies.Items, Hosts: hosts.Items, ServerVersion: facts.ServerVersion, ServerProblem: err}, nil
}

// same tells that applying after would change nothing. Conditions that others have added, and the order of conditions,
// do not count.
func same(before, after *v1alpha1.WindowsNodeConfigStatus) bool {
	arranged := *before
	arranged.Conditions = make([]metav1.Condition, 0, len(after.Conditions))
	for i := range after.Conditions {
		if c := meta.FindStatusCondition(before.Conditions, after.Conditions[i].Type); c != nil {
			arranged.Conditions = append(arranged.Conditions, *c)
		}
	}
	return apiequality.Semantic.DeepEqual(&arranged, after)
}

// apply sets the whole status, and nothing else of the configuration.
func (r *Reconciler) apply(ctx context.Context, name string, status *v1alpha1.WindowsNodeConfigStatus) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(status)
	if err != nil {
		return fmt.Errorf("encoding the status of node configuration %s: %w", name, err)
	}
	object := &unstructured.Unstructured{Object: map[string]any{"status": content}}
	object.SetGroupVersionKind(v1alpha1.SchemeGroupVersion.WithKind("WindowsNodeConfig"))
	object.SetName(name)
	err = r.Client.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(object), fieldOwner, client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("applying the status of node configuration %s: %w", name, err)
	}
	return nil
}
