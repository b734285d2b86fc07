package approver

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/pkg/nodeconfig"
	"github.com/mullion-dev/mullion/pkg/nodecsr"
)

// retryAfter is when a request is looked at again about which the API server knows something that the cache has not told:
// what that is may pass without anybody telling, such as a node that had the address before.
const retryAfter = time.Minute

// Options are what a Reconciler is made of.
type Options struct {
	// Client reads requests, WindowsHosts and nodes, which may come from a cache, and approves requests.
	Client client.Client
	// API reads WindowsHosts, and where API servers are, from the API server itself.
	API client.Reader
	// Cluster says which addresses and names are the cluster's own.
	Cluster func(ctx context.Context) (nodeconfig.Cluster, error)
	// Events is told of refusals.
	Events events.EventRecorder
	// Registry takes the metrics.
	Registry prometheus.Registerer
}

// Reconciler approves requests.
type Reconciler struct {
	client  client.Client
	api     client.Reader
	cluster func(ctx context.Context) (nodeconfig.Cluster, error)
	told    *told
	metrics *metrics
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// New makes a Reconciler.
func New(o Options) (*Reconciler, error) {
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, err
	}
	return &Reconciler{client: o.Client, api: o.API, cluster: o.Cluster, told: newTold(o.Events), metrics: m}, nil
}

// Reconcile judges the request that is named.
func (r *Reconciler) Reconcile(ctx context.Context, named reconcile.Request) (reconcile.Result, error) {
	var request certificatesv1.CertificateSigningRequest
	if err := r.client.Get(ctx, named.NamespacedName, &request); err != nil {
		if apierrors.IsNotFound(err) {
			r.told.forget(named.Name)
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, fmt.Errorf("reading certificate signing request %s: %w", named.Name, err)
	}
	verdict, err := r.judge(&request, r.cached(ctx))
	if err != nil || !verdict.Approve {
		return reconcile.Result{}, err
	}
	if verdict, err = r.judge(&request, r.live(ctx)); err != nil || !verdict.Approve {
		return reconcile.Result{RequeueAfter: retryAfter}, err
	}
	return r.approve(ctx, &request, verdict.NodeName)
}

// judge reaches a verdict, and tells the host of a refusal.
func (r *Reconciler) judge(request *certificatesv1.CertificateSigningRequest, hosts *claims) (nodecsr.Verdict, error) {
	verdict := nodecsr.Judge(request, hosts)
	if hosts.failure != nil {
		return nodecsr.Verdict{}, hosts.failure
	}
	if verdict.Refusal != "" && r.told.refusal(request, hosts.host, verdict.Refusal) {
		r.metrics.refused(request.Spec.SignerName, verdict.Reason)
	}
	return verdict, nil
}

// approve approves exactly the request that was judged.
func (r *Reconciler) approve(ctx context.Context, request *certificatesv1.CertificateSigningRequest, nodeName string) (reconcile.Result, error) {
	approved := request.DeepCopy()
	approved.Status.Conditions = append(approved.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
		Type:    certificatesv1.CertificateApproved,
		Status:  corev1.ConditionTrue,
		Reason:  "MullionApproved",
		Message: "It is the request of node " + nodeName + ", whose host is known and was verified.",
	})
	err := r.client.SubResource("approval").Update(ctx, approved)
	switch {
	case apierrors.IsConflict(err), apierrors.IsNotFound(err):
		return reconcile.Result{}, nil // Somebody else has changed it: that is the next reason to look.
	case err != nil:
		return reconcile.Result{}, fmt.Errorf("approving certificate signing request %s: %w", request.Name, err)
	}
	r.told.forget(request.Name)
	r.metrics.approved(request.Spec.SignerName)
	ctrl.LoggerFrom(ctx).Info("certificate signing request approved", "node", nodeName, "signer", request.Spec.SignerName)
	return reconcile.Result{}, nil
}
