package drain

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// concurrency is how many evictions are asked for at once. An eviction is answered at once unless a webhook is
	// asked about it.
	concurrency = 8
	// evictionTimeout bounds each, which has room for a webhook that answers as late as it may by default. Of an API
	// server that wants to be asked again later, the client waits so long at most.
	evictionTimeout = 15 * time.Second
)

// attempt is an eviction that was asked for.
type attempt struct {
	pod *corev1.Pod
	err error
}

// evict asks for the eviction of pods, or whether they could be evicted, and returns an attempt for each. Pods for which
// the time did not suffice have the context's error.
func (d *Drainer) evict(ctx context.Context, pods []corev1.Pod, dryRun bool) []attempt {
	attempts := make([]attempt, len(pods))
	next := make(chan int)
	var work sync.WaitGroup
	for range min(concurrency, len(pods)) {
		work.Go(func() {
			for i := range next {
				attempts[i] = attempt{&pods[i], d.evictOne(ctx, &pods[i], dryRun)}
			}
		})
	}
	for i := range pods {
		next <- i
	}
	close(next)
	work.Wait()
	return attempts
}

func (d *Drainer) evictOne(ctx context.Context, pod *corev1.Pod, dryRun bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, evictionTimeout)
	defer cancel()
	eviction := &policyv1.Eviction{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
		DeleteOptions: &metav1.DeleteOptions{
			// A StatefulSet's pod of the same name may run elsewhere by now.
			Preconditions: &metav1.Preconditions{UID: &pod.UID},
		},
	}
	if dryRun {
		eviction.DeleteOptions.DryRun = []string{metav1.DryRunAll}
	}
	return d.client.PolicyV1().Evictions(pod.Namespace).Evict(ctx, eviction)
}
