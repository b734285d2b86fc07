package runtimeclass

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/fields"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	// podPage is how many pods are read, and held in memory, at once.
	podPage = 500
	// podsTimeout bounds reading all pods.
	podsTimeout = time.Minute
)

// retire deletes a class of ours that no policy names, unless pods use it.
func (r *Reconciler) retire(ctx context.Context, plan *Plan, live *nodev1.RuntimeClass) (reconcile.Result, error) {
	if live == nil || !Managed(live) {
		return reconcile.Result{}, nil
	}
	log := ctrl.LoggerFrom(ctx)
	if !plan.Complete() {
		log.Info("RuntimeClass kept, because a policy that may need it does not compile")
		return reconcile.Result{}, nil
	}
	user, err := r.user(ctx, live.Name)
	if err != nil {
		return reconcile.Result{}, err
	}
	if user != "" {
		log.Info("RuntimeClass kept, because pods use it", "pod", user)
		r.tell(live, reasonInUse, "no policy names it any more; it is deleted once no pod uses it, as "+user+" does")
		return reconcile.Result{RequeueAfter: retryInUse}, nil
	}
	// Reading all pods takes a while, in which a policy may have come that names the class. That has queued it again.
	plan, err = r.plan(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	if _, named := plan.Class(live.Name); named || !plan.Complete() {
		return reconcile.Result{}, nil
	}
	if err := r.delete(ctx, live); err != nil {
		return reconcile.Result{}, err
	}
	log.Info("RuntimeClass deleted, because no policy names it and no pod uses it")
	return reconcile.Result{}, nil
}

// replace makes a class of ours anew, with another handler, unless pods use it. For the moment in between,
// pods that name the class are refused.
func (r *Reconciler) replace(ctx context.Context, class *Class, live *nodev1.RuntimeClass) (reconcile.Result, error) {
	log := ctrl.LoggerFrom(ctx)
	user, err := r.user(ctx, live.Name)
	if err != nil {
		return reconcile.Result{}, err
	}
	if user != "" {
		log.Info("RuntimeClass keeps its handler, because pods use it", "handler", live.Handler, "wanted", class.Handler, "pod", user)
		r.tell(live, reasonInUse, "it is to have the handler "+class.Handler+"; it is replaced once no pod uses it, as "+user+" does")
		return reconcile.Result{RequeueAfter: retryInUse}, nil
	}
	if err := r.delete(ctx, live); err != nil {
		return reconcile.Result{}, err
	}
	if err := r.apply(ctx, class, nil); err != nil {
		return reconcile.Result{}, fmt.Errorf("making RuntimeClass %s anew: %w", class.Name, err)
	}
	log.Info("RuntimeClass replaced", "handler", class.Handler, "before", live.Handler)
	return reconcile.Result{}, nil
}

// delete deletes exactly the class that was looked at.
func (r *Reconciler) delete(ctx context.Context, live *nodev1.RuntimeClass) error {
	err := r.Client.Delete(ctx, live, client.Preconditions{UID: &live.UID, ResourceVersion: &live.ResourceVersion})
	if err := client.IgnoreNotFound(err); err != nil {
		return fmt.Errorf("deleting RuntimeClass %s: %w", live.Name, err)
	}
	return nil
}

// user is the namespace and name of a pod that uses the class and may still run; empty where there is none.
// A pod made while the pages are read may be missed: its class is then gone when its node looks for it.
func (r *Reconciler) user(ctx context.Context, class string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, podsTimeout)
	defer cancel()
	options := &client.ListOptions{
		Limit: podPage,
		FieldSelector: fields.AndSelectors(
			fields.OneTermNotEqualSelector("status.phase", string(corev1.PodSucceeded)),
			fields.OneTermNotEqualSelector("status.phase", string(corev1.PodFailed))),
	}
	for {
		var pods corev1.PodList
		if err := r.API.List(ctx, &pods, options); err != nil {
			return "", fmt.Errorf("listing the pods that may use RuntimeClass %s: %w", class, err)
		}
		for i := range pods.Items {
			pod := &pods.Items[i]
			if pod.Spec.RuntimeClassName != nil && *pod.Spec.RuntimeClassName == class {
				return pod.Namespace + "/" + pod.Name, nil
			}
		}
		if pods.Continue == "" {
			return "", nil
		}
		options.Continue = pods.Continue
	}
}
