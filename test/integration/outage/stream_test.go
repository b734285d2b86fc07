package outage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

// stream creates pods in dry runs, one after the other, until it is ended. Each must be placed.
type stream struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	mu     sync.Mutex
	placed int
	failed []error
}

// pace leaves the processors to those who do the work that is tested.
const pace = 20 * time.Millisecond

func startStream(scene *framework.Scene) *stream {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stream{cancel: cancel}
	scene.T.Cleanup(cancel)
	pods := shared.Kube.CoreV1().Pods(scene.Namespace)
	dry := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	s.done.Go(func() {
		ticker := time.NewTicker(pace)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			pod, err := pods.Create(context.Background(), scene.Pod(shared.Image(core2022)), dry)
			if err == nil && pod.Spec.NodeSelector[corev1.LabelWindowsBuild] != ws2022 {
				err = fmt.Errorf("a pod was not placed: %v", pod.Spec.NodeSelector)
			}
			s.count(err)
		}
	})
	return s
}

func (s *stream) count(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failed = append(s.failed, fmt.Errorf("after %d pods: %w", s.placed, err))
		return
	}
	s.placed++
}

// waitFor waits until n more pods have been placed.
func (s *stream) waitFor(scene *framework.Scene, n int) {
	scene.T.Helper()
	s.mu.Lock()
	want := s.placed + n
	s.mu.Unlock()
	scene.Eventually("more pods are placed", func(context.Context) (bool, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.placed >= want, errors.Join(s.failed...)
	})
}

// end ends the stream. No pod may have failed.
func (s *stream) end(t *testing.T) {
	t.Helper()
	s.cancel()
	s.done.Wait()
	t.Logf("%d pods were placed", s.placed)
	for _, err := range s.failed {
		t.Error(err)
	}
	if len(s.failed) > 0 {
		t.Log(failingOpen(t)) // Why a pod was not shown to the webhook that places it.
	}
}

// failingOpen is what the API server has logged about webhooks whose failure it ignored.
func failingOpen(t *testing.T) string {
	t.Helper()
	lines, err := framework.LogLines(shared.Cluster.APIServer, "failing open")
	if err != nil {
		t.Error(err)
	}
	return strings.Join(lines, "\n")
}
