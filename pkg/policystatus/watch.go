package policystatus

import (
	"context"
	"reflect"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlevent "sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// hostDelay is how long changes of hosts are gathered before their policy is looked at.
const hostDelay = time.Second

// whenHostsRest looks at the policy that a host lives under, and lived under before, when what a rollout knows of the host
// changes. Hosts tell much more of themselves than that.
func whenHostsRest() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	add := func(q queue, object client.Object) {
		if host, ok := object.(*v1alpha1.WindowsHost); ok && host.Status.Policy != "" {
			q.AddAfter(reconcile.Request{NamespacedName: client.ObjectKey{Name: host.Status.Policy}}, hostDelay)
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e ctrlevent.CreateEvent, q queue) { add(q, e.Object) },
		DeleteFunc: func(_ context.Context, e ctrlevent.DeleteEvent, q queue) { add(q, e.Object) },
		UpdateFunc: func(_ context.Context, e ctrlevent.UpdateEvent, q queue) {
			if concernsRollouts(e.ObjectOld, e.ObjectNew) {
				add(q, e.ObjectOld)
				add(q, e.ObjectNew)
			}
		},
	}
}

// concernsRollouts tells whether one host differs from another, as it was before, in what a rollout knows of it.
func concernsRollouts(before, after client.Object) bool {
	was, ok1 := before.(*v1alpha1.WindowsHost)
	is, ok2 := after.(*v1alpha1.WindowsHost)
	if !ok1 || !ok2 {
		return true
	}
	return was.Status.Policy != is.Status.Policy ||
		buildOf(was) != buildOf(is) ||
		!reflect.DeepEqual(was.Spec.NodeConfigRef, is.Spec.NodeConfigRef) ||
		!reflect.DeepEqual(rollout.OfHost(was), rollout.OfHost(is))
}

func buildOf(host *v1alpha1.WindowsHost) string {
	if host.Status.Facts == nil {
		return ""
	}
	return host.Status.Facts.Build
}
