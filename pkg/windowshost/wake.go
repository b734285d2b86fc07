package windowshost

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostpolicy"
)

// ofPolicy are the hosts that live under a policy, or may come to: of a policy that has changed, both what it was and what
// it is are asked about. One of which no build is known is looked at again and again by itself.
func (r *Reconciler) ofPolicy(ctx context.Context, object client.Object) []reconcile.Request {
	policy, ok := object.(*v1alpha1.WindowsBuildPolicy)
	if !ok {
		return nil
	}
	return r.requests(ctx, func(host *v1alpha1.WindowsHost) bool {
		facts := host.Status.Facts
		return facts != nil &&
			(host.Status.Policy == policy.Name || host.Spec.Policy == policy.Name || hostpolicy.Lists(policy, facts.Build))
	})
}

// ofConfig are the hosts that have a node configuration, or are to have it, and those of which that is not known because
// their policy is not.
func (r *Reconciler) ofConfig(ctx context.Context, config client.Object) []reconcile.Request {
	var list v1alpha1.WindowsBuildPolicyList
	if err := r.Client.List(ctx, &list); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "finding the hosts of a node configuration")
		return nil
	}
	policies := map[string]*v1alpha1.WindowsBuildPolicy{}
	for i := range list.Items {
		policies[list.Items[i].Name] = &list.Items[i]
	}
	return r.requests(ctx, func(host *v1alpha1.WindowsHost) bool {
		facts, applied, policy := host.Status.Facts, host.Status.Applied, policies[host.Status.Policy]
		has := applied != nil && applied.NodeConfig == config.GetName()
		return facts != nil &&
			(has || policy == nil || hostpolicy.NodeConfig(policy, host, facts.Build) == config.GetName())
	})
}

// ofNode are the hosts that a node is, or has the name of.
func (r *Reconciler) ofNode(ctx context.Context, node client.Object) []reconcile.Request {
	var hosts v1alpha1.WindowsHostList
	if err := r.Client.List(ctx, &hosts, client.MatchingFields{indexNodeName: node.GetName()}); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "finding the host of a node")
		return nil
	}
	return requestsFor(hosts.Items)
}

// ofSecret are the hosts that are logged in to with a Secret.
func (r *Reconciler) ofSecret(byDefault string) handler.MapFunc {
	return func(ctx context.Context, secret client.Object) []reconcile.Request {
		return r.requests(ctx, func(host *v1alpha1.WindowsHost) bool {
			name := byDefault
			if host.Spec.KeySecret != nil {
				name = host.Spec.KeySecret.Name
			}
			return name == secret.GetName()
		}, client.InNamespace(secret.GetNamespace()))
	}
}

// requests are for the hosts that are chosen.
func (r *Reconciler) requests(
	ctx context.Context, chosen func(*v1alpha1.WindowsHost) bool, options ...client.ListOption,
) []reconcile.Request {
	var hosts v1alpha1.WindowsHostList
	if err := r.Client.List(ctx, &hosts, options...); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "finding the hosts to look at")
		return nil
	}
	var those []v1alpha1.WindowsHost
	for i := range hosts.Items {
		if chosen(&hosts.Items[i]) {
			those = append(those, hosts.Items[i])
		}
	}
	return requestsFor(those)
}

func requestsFor(hosts []v1alpha1.WindowsHost) []reconcile.Request {
	requests := make([]reconcile.Request, len(hosts))
	for i := range hosts {
		requests[i].NamespacedName = types.NamespacedName{Namespace: hosts[i].Namespace, Name: hosts[i].Name}
	}
	return requests
}
