package instances

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/pkg/hostsource"
)

const (
	// Source is the value of mullion.dev/source on WindowsHosts that were made of the list.
	Source = "windows-instances"
	// DefaultName is the name of the list.
	DefaultName = "windows-instances"
	// KnownHostsSuffix follows the list's name in the name of the ConfigMap with the keys of its hosts.
	KnownHostsSuffix = "-known-hosts"
	// KnownHostsKey is the key of that, under which there is a file known_hosts.
	KnownHostsKey = "known_hosts"
)

// remindAfter is how often what somebody has to mend is told again: events are kept for an hour.
const remindAfter = 10 * time.Minute

// Reconciler keeps the WindowsHosts of one list, in the list's namespace. It keeps nothing between calls.
type Reconciler struct {
	// Client reads WindowsHosts, which may come from a cache, and writes them.
	Client client.Client
	// API reads the ConfigMaps from the API server itself: a cache that lags must not make a list look deleted.
	API client.Reader
	// Events is told of entries that cannot be used, and of hosts that go or are kept.
	Events events.EventRecorder
	// Metrics may be nil.
	Metrics *hostsource.Metrics
	// List is where the list is.
	List types.NamespacedName
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// Reconcile brings all WindowsHosts of the list in step with it. The request is always the same.
func (r *Reconciler) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	keeper := &hostsource.Keeper{Client: r.Client, Source: Source, Namespace: r.List.Namespace}
	list, err := r.configMap(ctx, r.List.Name)
	if err != nil {
		return reconcile.Result{}, err
	}
	known, faulty, err := r.knownHosts(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	hosts, err := keeper.All(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	p := planFor(list, known, populationOf(hosts, keeper))
	err = r.carryOut(ctx, keeper, &p)
	r.report(ctx, list, &p)
	if err == nil && (faulty || len(p.problems)+len(p.held) > 0) {
		return reconcile.Result{RequeueAfter: remindAfter}, nil
	}
	return reconcile.Result{}, err
}

// configMap reads a ConfigMap beside the list, or the list; nil where there is none.
func (r *Reconciler) configMap(ctx context.Context, name string) (*corev1.ConfigMap, error) {
	var found corev1.ConfigMap
	err := r.API.Get(ctx, client.ObjectKey{Namespace: r.List.Namespace, Name: name}, &found)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // No list is an answer.
	}
	if err != nil {
		return nil, fmt.Errorf("reading ConfigMap %s/%s: %w", r.List.Namespace, name, err)
	}
	return &found, nil
}

// knownHosts reads the keys of hosts, and reports the lines that cannot be used.
func (r *Reconciler) knownHosts(ctx context.Context) (known KnownHosts, faulty bool, err error) {
	given, err := r.configMap(ctx, r.List.Name+KnownHostsSuffix)
	if err != nil || given == nil {
		return KnownHosts{}, false, err
	}
	known, problems := ParseKnownHosts(given.Data[KnownHostsKey])
	for _, problem := range problems {
		r.tellLine(given, problem)
	}
	return known, len(problems) > 0, nil
}

// carryOut does what is planned. What cannot be done for one host holds up no other: what the API server refuses about one
// is a problem of its entry, and everything else is tried again.
func (r *Reconciler) carryOut(ctx context.Context, keeper *hostsource.Keeper, p *plan) error {
	log := ctrl.LoggerFrom(ctx)
	var errs []error
	for _, c := range p.apply {
		written, err := keeper.Apply(ctx, c.want, c.live)
		switch {
		case apierrors.IsInvalid(err):
			p.problems = append(p.problems, Problem{c.want.Address, c.want.Address, err})
			continue
		case err != nil:
			errs = append(errs, err)
			continue
		case written && c.live == nil:
			log.Info("WindowsHost made of an entry", "host", c.want.Name)
		case written:
			log.Info("WindowsHost changed by its entry", "host", c.want.Name)
		}
		p.used++
	}
	for _, host := range p.remove {
		asked, err := keeper.Remove(ctx, host)
		errs = append(errs, err)
		if asked {
			log.Info("WindowsHost deleted, because it is not listed any more", "host", host.Name)
			r.tellRemoved(host)
		}
	}
	return errors.Join(errs...)
}
