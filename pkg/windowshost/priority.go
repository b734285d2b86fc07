package windowshost

import (
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Priorities of looks at hosts, where there are more hosts to look at than workers. What somebody has changed is looked at
// before everything that goes by itself, whatever it is.
const (
	// priorityOut is for hosts that are out of service: the sooner they are back the better.
	priorityOut = 10
	// priorityUsual is for hosts that wait for something, and what handlers give to changes.
	priorityUsual = 0
	// priorityReady is for hosts of which nothing is known to be wrong, and what handlers give to what was there at the
	// start.
	priorityReady = handler.LowPriority
	// priorityFailing is for hosts that failed when they were looked at last: they take time that leads nowhere, and
	// only get what no other host can use.
	priorityFailing = 10 * handler.LowPriority
)

// priority is that of the next look at a host.
func priority(host *v1alpha1.WindowsHost, failed bool) int {
	switch {
	case failed:
		return priorityFailing
	case host.Status.Disruption != nil:
		return priorityOut
	case host.Status.Phase == v1alpha1.HostReady || host.Status.Phase == v1alpha1.HostRetired:
		return priorityReady
	default:
		return priorityUsual
	}
}
