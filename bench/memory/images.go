package main

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/bench/internal/stage"
)

const (
	// maxImages is how many the webhook remembers by default.
	maxImages = 50_000
	// imagesPerPod in podsInFlight is fewer than the look-ups that the webhook lets wait for one registry.
	imagesPerPod = 100
	podsInFlight = 2
)

// askAboutImages makes the webhook learn the images, by creating pods that name them in a dry run, and makes sure that
// it remembers every one of them: when the same pods come again it asks the registry nothing.
func askAboutImages(ctx context.Context, s *stage.Stage, r *registry, images int) error {
	if err := createPods(ctx, s, r, images); err != nil {
		return err
	}
	// What missed its review's budget is still on its way.
	err := stage.Until(ctx, "the registry has been asked for every image", func(context.Context) (bool, error) {
		return r.served.Load() == int64(images), nil
	})
	if err != nil {
		return fmt.Errorf("%w: for %d of %d", err, r.served.Load(), images)
	}
	if err := createPods(ctx, s, r, images); err != nil {
		return err
	}
	if again := r.served.Load() - int64(images); again != 0 {
		return fmt.Errorf("the webhook had forgotten %d of %d images", again, images)
	}
	return nil
}

func createPods(ctx context.Context, s *stage.Stage, r *registry, images int) error {
	creating, ctx := errgroup.WithContext(ctx)
	creating.SetLimit(podsInFlight)
	for first := 0; first < images; first += imagesPerPod {
		creating.Go(func() error {
			pod := podOf(r, first, min(first+imagesPerPod, images))
			_, err := s.Client.CoreV1().Pods(metav1.NamespaceDefault).Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			return err
		})
	}
	if err := creating.Wait(); err != nil {
		return fmt.Errorf("creating pods: %w", err)
	}
	return nil
}

// podOf is a pod with a container for each image from the first up to the end, which is not included.
func podOf(r *registry, first, end int) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "images-"},
		Spec:       corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}},
	}
	for i := first; i < end; i++ {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{
			Name: "image-" + strconv.Itoa(i), Image: r.reference(i),
		})
	}
	return pod
}
