package nodes

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	// statusInterval is how often a status is reported in which nothing is new: it is the lease that tells that a node
	// lives.
	statusInterval = 5 * time.Minute
	// requestTimeout bounds one heartbeat.
	requestTimeout = 10 * time.Second
	// retryInterval is how soon a heartbeat is tried again that was in vain.
	retryInterval = time.Second
)

// Keeper keeps one Node. It may be used concurrently.
type Keeper struct {
	Client kubernetes.Interface
	// Node is what is registered, and what is reported but for the conditions. It is not changed.
	Node *corev1.Node
	// LeaseSeconds is for how long a lease tells that the node lives.
	LeaseSeconds int32
	// Every is how often the lease is renewed; 0 is four times in its duration, as the kubelet does.
	Every time.Duration
	// Ready tells whether the node takes pods. It is asked with every heartbeat.
	Ready func() bool
	// Trouble is told what went wrong with a heartbeat.
	Trouble func(error)
}

// Keep registers the node and keeps it until the context ends. What fails is told, and tried again soon.
func (k Keeper) Keep(ctx context.Context) {
	var last report
	for {
		wait := k.every()
		if err := k.beat(ctx, &last); err != nil {
			k.Trouble(err)
			wait = retryInterval
		}
		next := time.NewTimer(wait)
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return
		}
	}
}

func (k Keeper) every() time.Duration {
	if k.Every > 0 {
		return k.Every
	}
	return time.Duration(k.LeaseSeconds) * time.Second / 4
}

// report is what was reported last.
type report struct {
	at    time.Time
	ready bool
}

// beat is one heartbeat, with the status where that is due.
func (k Keeper) beat(ctx context.Context, last *report) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if ready := k.Ready(); ready != last.ready || time.Since(last.at) > statusInterval {
		if err := k.report(ctx, ready); err != nil {
			return err
		}
		*last = report{time.Now(), ready}
	}
	return k.renew(ctx)
}
