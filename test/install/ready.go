package install

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

// webhookService is the Service by which the API server reaches the webhooks.
const webhookService = "mullion-webhook"

// endpoints are those that a Windows pod passes when it is created, by the names that metrics give them.
func endpoints() []string { return []string{"mutate-pods", "validate-pods"} }

// WaitReady waits, for at most a minute, until pods are placed: every program that runs is ready, and the API
// server's question about a pod is answered by the webhook, which it trusts only once the caBundle is there.
func (i *Installation) WaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	// All at once: the webhooks never get ready when the node manager has given up.
	programs, programsCtx := errgroup.WithContext(ctx)
	for _, program := range i.Programs() {
		if program.leaving.Load() {
			continue // Stopped on purpose.
		}
		programs.Go(func() error { return program.WaitReady(programsCtx) })
	}
	if err := programs.Wait(); err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(i.cluster.RESTConfig())
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	return until(ctx, "a pod is shown to the webhook", func(ctx context.Context) error { return i.askAboutPod(ctx, client) })
}

// WaitAnswering waits, for at most a minute, until the policy API answers through the API server, which looks only now
// and then whether it is there.
func (i *Installation) WaitAnswering(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	client, err := kubernetes.NewForConfig(i.cluster.RESTConfig())
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	if err := noticeEndpoints(ctx, client); err != nil {
		return err
	}
	path := "/apis/" + placementv1alpha1.SchemeGroupVersion.String()
	return until(ctx, "the policy API answers at "+path, func(ctx context.Context) error {
		return client.RESTClient().Get().AbsPath(path).Do(ctx).Error()
	})
}

// noticeEndpoints has the API server look whether the policy API is there, as it does in a cluster when the endpoints of
// its Service come up. Here the Service has no endpoints that could, but any change of it will do.
func noticeEndpoints(ctx context.Context, client kubernetes.Interface) error {
	change := fmt.Sprintf(`{"metadata": {"annotations": {"mullion.dev/programs-ready": %q}}}`, time.Now().Format(time.RFC3339Nano))
	_, err := client.CoreV1().Services(Namespace).Patch(ctx, webhookService, types.MergePatchType, []byte(change), metav1.PatchOptions{})
	if err != nil {
		return fmt.Errorf("changing service %s: %w", webhookService, err)
	}
	return nil
}

// until tries again until there is no error. When the context ends before, it returns the last one.
func until(ctx context.Context, what string, try func(context.Context) error) error {
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w: %w", what, context.Cause(ctx), err)
		}
	}
}

// askAboutPod creates a Windows pod in a dry run and fails unless the webhook has seen it on the way. What it
// thinks of the pod does not matter.
func (i *Installation) askAboutPod(ctx context.Context, client kubernetes.Interface) error {
	before, err := i.reviews(ctx)
	if err != nil {
		return err
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "mullion-probe-"},
		Spec: corev1.PodSpec{
			OS:         &corev1.PodOS{Name: corev1.Windows},
			Containers: []corev1.Container{{Name: "probe", Image: "registry.invalid/probe:1"}},
		},
	}
	_, answer := client.CoreV1().Pods(metav1.NamespaceDefault).Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	after, err := i.reviews(ctx)
	if err != nil {
		return err
	}
	for _, endpoint := range endpoints() {
		if after[endpoint] == before[endpoint] {
			return errors.Join(fmt.Errorf("the webhook was not asked at %s", endpoint), answer)
		}
	}
	return nil
}

// reviews are how many reviews the running webhooks have answered at each of the endpoints.
func (i *Installation) reviews(ctx context.Context) (map[string]float64, error) {
	counts := map[string]float64{}
	for _, webhook := range i.Webhooks {
		if webhook.PID() == 0 {
			continue
		}
		for _, endpoint := range endpoints() {
			count, err := webhook.Metric(ctx, "mullion_admission_reviews_total", map[string]string{"endpoint": endpoint})
			if err != nil {
				return nil, err
			}
			counts[endpoint] += count
		}
	}
	return counts, nil
}
