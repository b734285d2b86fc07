package windowshost

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// fakeTurns gives turns unless told otherwise, and notes them.
type fakeTurns struct {
	mu      sync.Mutex
	refusal *rollout.Decision
	err     error
	asked   []rollout.Ask
	given   map[types.NamespacedName]bool
}

func (f *fakeTurns) Take(_ context.Context, ask rollout.Ask) (rollout.Decision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, ask)
	if f.err != nil {
		return rollout.Decision{}, f.err
	}
	if f.refusal != nil {
		return *f.refusal, nil
	}
	if f.given == nil {
		f.given = map[types.NamespacedName]bool{}
	}
	f.given[client.ObjectKeyFromObject(ask.Host)] = true
	return rollout.Decision{May: true}, nil
}

func (f *fakeTurns) Give(host types.NamespacedName) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.given, host)
}

func (f *fakeTurns) reasons() []v1alpha1.DisruptionReason {
	f.mu.Lock()
	defer f.mu.Unlock()
	var reasons []v1alpha1.DisruptionReason
	for _, ask := range f.asked {
		reasons = append(reasons, ask.Reason)
	}
	return reasons
}

// fakeDrainer cordons for real, and has pods that go when they are told to.
type fakeDrainer struct {
	client   client.Client
	progress func(drain.Options) (drain.Progress, error)
	steps    []string
	looks    int
}

func (d *fakeDrainer) Step(_ context.Context, node string, o drain.Options) (drain.Progress, error) {
	d.steps = append(d.steps, node)
	if d.progress != nil {
		return d.progress(o)
	}
	return drain.Progress{Done: true}, nil
}

func (d *fakeDrainer) Look(_ context.Context, _ string, o drain.Options) (drain.Progress, error) {
	d.looks++
	if d.progress != nil {
		return d.progress(o)
	}
	return drain.Progress{Done: true}, nil
}

func (d *fakeDrainer) Cordon(ctx context.Context, name, reason string) (bool, error) {
	node, err := getNode(ctx, d.client, name)
	if err != nil || node == nil {
		return false, err
	}
	if node.Spec.Unschedulable {
		_, ours := node.Annotations[v1alpha1.AnnotationCordonedBy]
		return ours, nil
	}
	before := node.DeepCopy()
	node.Spec.Unschedulable = true
	metav1.SetMetaDataAnnotation(&node.ObjectMeta, v1alpha1.AnnotationCordonedBy, reason)
	return true, d.client.Patch(ctx, node, client.MergeFrom(before))
}

func (d *fakeDrainer) Uncordon(ctx context.Context, name string) error {
	node, err := getNode(ctx, d.client, name)
	if err != nil || node == nil {
		return err
	}
	if _, ours := node.Annotations[v1alpha1.AnnotationCordonedBy]; !ours {
		return nil
	}
	before := node.DeepCopy()
	node.Spec.Unschedulable = false
	delete(node.Annotations, v1alpha1.AnnotationCordonedBy)
	return d.client.Patch(ctx, node, client.MergeFrom(before))
}

// eventLog keeps events.
type eventLog struct {
	mu   sync.Mutex
	said []string
}

func (l *eventLog) Eventf(_ runtime.Object, _ runtime.Object, kind, reason, _, note string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, kind+" "+reason+" "+fmt.Sprintf(note, args...))
}

func (l *eventLog) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.said)
}

// fakeMetrics counts.
type fakeMetrics struct {
	mu                      sync.Mutex
	failures                map[string]int
	drifts, reboots         int
	certificates, forgotten int
}

func (m *fakeMetrics) StepEnded(_ v1alpha1.HostStep, _ time.Duration, failure string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures[failure]++
}
func (m *fakeMetrics) DriftFound()                          { m.drifts++ }
func (m *fakeMetrics) RebootAsked()                         { m.reboots++ }
func (m *fakeMetrics) CertificateSeen(types.UID, time.Time) { m.certificates++ }
func (m *fakeMetrics) Forget(types.UID)                     { m.forgotten++ }
