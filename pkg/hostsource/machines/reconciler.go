package machines

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// reconciler keeps the WindowsHosts of the Machines of one version of a machine API. It keeps nothing between calls.
type reconciler struct {
	*Source
	keeper  hostsource.Keeper
	version string
	// machines reads Machines, from a cache that holds the selected ones; API reads them from the API server itself.
	machines client.Reader
}

var _ reconcile.Reconciler = (*reconciler)(nil)

// Reconcile brings the WindowsHost of one Machine in step with it.
func (r *reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	live, err := r.host(ctx, request)
	if err != nil {
		return reconcile.Result{}, err
	}
	object, err := r.machine(ctx, request, live)
	if err != nil {
		return reconcile.Result{}, err
	}
	if object == nil {
		return reconcile.Result{}, r.letGo(ctx, live, "its Machine is gone, or no Windows machine of this cluster any more")
	}
	m, err := r.Machines.read(object)
	if err != nil {
		r.warn(object, "it cannot be read: "+err.Error())
		return reconcile.Result{}, nil //nolint:nilerr // It was told to whoever can mend it, and trying again does not.
	}
	switch {
	case m.DeletionTimestamp != nil:
		return reconcile.Result{}, r.letGo(ctx, live, "its Machine is being deleted")
	case r.Machines.Ignored != nil && r.Machines.Ignored(m.Labels):
		return reconcile.Result{}, r.letGo(ctx, live, "its Machine is to be ignored")
	case live != nil && live.Annotations[v1alpha1.AnnotationMachineUID] != string(m.UID):
		// The other host is gone with its Machine. The event of that makes the new one.
		return reconcile.Result{}, r.letGo(ctx, live, "its Machine is gone, and another has its name")
	case live != nil && live.DeletionTimestamp != nil:
		return reconcile.Result{}, nil // It is made anew once it is gone.
	case !m.running():
		return reconcile.Result{}, nil
	}
	return reconcile.Result{}, r.keep(ctx, m, object, live)
}

// host reads the WindowsHost of a Machine; nil where there is none of this source.
func (r *reconciler) host(ctx context.Context, request reconcile.Request) (*v1alpha1.WindowsHost, error) {
	var host v1alpha1.WindowsHost
	name := client.ObjectKey{Namespace: r.Namespace, Name: HostName(request.Namespace, request.Name)}
	err := r.Client.Get(ctx, name, &host)
	if apierrors.IsNotFound(err) || err == nil && !r.keeper.Owns(&host) {
		return nil, nil //nolint:nilnil // No host is an answer.
	}
	if err != nil {
		return nil, fmt.Errorf("reading WindowsHost %s: %w", name, err)
	}
	return &host, nil
}

// machine reads a Machine; nil where there is none, or none that is selected. If it has a host, that it is gone is believed
// to the API server only.
func (r *reconciler) machine(ctx context.Context, request reconcile.Request, host *v1alpha1.WindowsHost) (*unstructured.Unstructured, error) {
	machine := &unstructured.Unstructured{}
	machine.SetGroupVersionKind(r.Machines.kind(r.version))
	err := r.machines.Get(ctx, request.NamespacedName, machine)
	if apierrors.IsNotFound(err) && host != nil {
		err = r.API.Get(ctx, request.NamespacedName, machine)
	}
	switch {
	case isGone(err, request.Name):
		return nil, nil //nolint:nilnil // No Machine is an answer.
	case err != nil:
		return nil, fmt.Errorf("reading Machine %s: %w", request.NamespacedName, err)
	case !r.Machines.Selector.Matches(labels.Set(machine.GetLabels())):
		return nil, nil //nolint:nilnil // As if there were none.
	}
	return machine, nil
}

// isGone tells that an error says of the object that there is none, and not of its API.
func isGone(err error, name string) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details != nil && details.Name == name
}

// letGo deletes the WindowsHost of a machine without anything being done to the machine.
func (r *reconciler) letGo(ctx context.Context, live *v1alpha1.WindowsHost, why string) error {
	if live == nil {
		return nil
	}
	asked, err := r.keeper.LetGo(ctx, live)
	if asked {
		ctrl.LoggerFrom(ctx).Info("WindowsHost deleted and let go", "host", live.Name, "because", why)
		r.Events.Eventf(live, nil, corev1.EventTypeNormal, reasonMachineGone, action, "%s", why)
	}
	return err
}

// keep makes the WindowsHost what the machine wants.
func (r *reconciler) keep(ctx context.Context, m *machine, object *unstructured.Unstructured, live *v1alpha1.WindowsHost) error {
	address := m.address()
	if address == "" {
		r.warn(object, "it runs, and has no address that can be reached: one of type InternalIP or InternalDNS is needed")
		return nil
	}
	if live == nil || live.Spec.Address != address {
		taken, err := r.taken(ctx, m, address)
		if err != nil {
			return err
		}
		if taken != "" {
			r.warn(object, taken)
			return nil
		}
	}
	want := hostFor(m, address, r.TrustOnFirstUse)
	written, err := r.keeper.Apply(ctx, want, live)
	if apierrors.IsInvalid(err) {
		r.warn(object, err.Error())
		return nil
	}
	if written {
		ctrl.LoggerFrom(ctx).Info("WindowsHost made or changed by its Machine", "host", want.Name, "address", address)
	}
	return err
}

// taken says who else has the name or the address of a machine's host; empty where nobody has.
func (r *reconciler) taken(ctx context.Context, m *machine, address string) (string, error) {
	hosts, err := r.keeper.All(ctx)
	if err != nil {
		return "", err
	}
	name := HostName(m.Namespace, m.Name)
	for i := range hosts {
		host := &hosts[i]
		sameName := host.Namespace == r.Namespace && host.Name == name
		switch {
		case sameName && r.keeper.Owns(host):
		case hostsource.SameAddress(host, address):
			return fmt.Sprintf("WindowsHost %s/%s has its address %s already", host.Namespace, host.Name, address), nil
		case sameName:
			return fmt.Sprintf("WindowsHost %s/%s was made by somebody else", host.Namespace, host.Name), nil
		}
	}
	return "", nil
}

// Reasons of events.
const (
	// reasonUnusable: no WindowsHost can be made of a Machine.
	reasonUnusable = "MachineUnusable"
	// reasonMachineGone: a WindowsHost is deleted because its Machine is, or is going to be.
	reasonMachineGone = "MachineGone"
	// action is what was being done.
	action = "FollowMachine"
)

// warn tells of a Machine what somebody has to mend.
func (r *reconciler) warn(machine *unstructured.Unstructured, note string) {
	r.Events.Eventf(machine, nil, corev1.EventTypeWarning, reasonUnusable, action, "%.1000s", note)
}
