package approver

import (
	"context"
	"fmt"
	"reflect"

	certificatesv1 "k8s.io/api/certificates/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// controllerName is the name in logs and metrics.
const controllerName = "nodecsr"

// workers is how many requests are judged at once. Each waits for what it asks the API server, which may be a second where
// many hosts join and this program's requests wait for one another; and until a request is approved its host waits.
const workers = 16

// SetupWithManager runs the reconciler for requests to the signers of kubelets that nobody has decided, and when it
// changes what a host may ask for.
func (r *Reconciler) SetupWithManager(mgr manager.Manager) error {
	err := mgr.GetFieldIndexer().IndexField(context.Background(), &v1alpha1.WindowsHost{}, nodeNameIndex, nodeNames)
	if err != nil {
		return fmt.Errorf("indexing WindowsHosts by their nodes: %w", err)
	}
	err = ctrl.NewControllerManagedBy(mgr).
		Named(controllerName).
		For(&certificatesv1.CertificateSigningRequest{}, builder.WithPredicates(undecided())).
		Watches(&v1alpha1.WindowsHost{}, handler.EnqueueRequestsFromMapFunc(r.requestsOf), builder.WithPredicates(claimChanged())).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}

// undecided lets through requests about which there is something to decide, and that one is gone.
func undecided() predicate.Predicate {
	funcs := predicate.NewPredicateFuncs(concerns)
	funcs.DeleteFunc = func(event.DeleteEvent) bool { return true }
	return funcs
}

// concerns tells whether there is something to decide about a request.
func concerns(object client.Object) bool {
	request, ok := object.(*certificatesv1.CertificateSigningRequest)
	if !ok {
		return false
	}
	switch request.Spec.SignerName {
	case certificatesv1.KubeAPIServerClientKubeletSignerName, certificatesv1.KubeletServingSignerName:
		return len(request.Status.Conditions) == 0 && len(request.Status.Certificate) == 0
	default:
		return false
	}
}

// claimChanged lets through what changes what a host may ask for: its status changes all the time.
func claimChanged() predicate.Predicate {
	return predicate.Funcs{
		DeleteFunc: func(event.DeleteEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, ok := e.ObjectOld.(*v1alpha1.WindowsHost)
			after, ok2 := e.ObjectNew.(*v1alpha1.WindowsHost)
			if !ok || !ok2 {
				return false
			}
			was, wasClaimed := claim(before)
			is, isClaimed := claim(after)
			return wasClaimed != isClaimed || !reflect.DeepEqual(was, is)
		},
	}
}

// requestsOf lists the undecided requests that the host, or its node, has made.
func (r *Reconciler) requestsOf(ctx context.Context, object client.Object) []reconcile.Request {
	host, ok := object.(*v1alpha1.WindowsHost)
	if !ok || host.Status.Node == nil {
		return nil
	}
	var all certificatesv1.CertificateSigningRequestList
	if err := r.client.List(ctx, &all); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "finding the certificate signing requests of a host")
		return nil
	}
	var requests []reconcile.Request
	for i := range all.Items {
		request := &all.Items[i]
		theirs := request.Spec.Username == host.Status.Node.BootstrapUser || request.Spec.Username == "system:node:"+host.Status.Node.Name
		if theirs && concerns(request) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(request)})
		}
	}
	return requests
}
