package census

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

const (
	ws2019   = "10.0.17763"
	ws2022   = "10.0.20348"
	interval = 5 * time.Minute
)

// scene is a census of a cluster in memory, in a bubble of testing/synctest.
type scene struct {
	t      *testing.T
	census *Census
	api    client.Client
	cancel context.CancelFunc

	mu        sync.Mutex
	snapshot  *policy.Snapshot
	forbidden error
	sweeps    int
	asked     int
	lines     []string
}

// start starts a census of a cluster with a node of 2019 and one of 2022.
func start(t *testing.T, objects ...client.Object) *scene {
	t.Helper()
	s := &scene{t: t}
	s.api = fake.NewClientBuilder().WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
		List: func(ctx context.Context, api client.WithWatch, list client.ObjectList, _ ...client.ListOption) error {
			if _, pods := list.(*corev1.PodList); !pods {
				return api.List(ctx, list)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sweeps++
			if s.forbidden != nil {
				return s.forbidden
			}
			// All pods are on one node, and the fake client knows no selectors by fields.
			if s.sweeps%2 == 1 {
				return api.List(ctx, list)
			}
			return nil
		},
	}).Build()
	s.setNodes(ws2019, ws2022)
	var err error
	s.census, err = New(Options{
		Reader: s.api, Snapshot: s.current, Images: s, Interval: interval,
		Log:      funcr.New(func(_, line string) { s.lines = append(s.lines, line) }, funcr.Options{}),
		Registry: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.cancel = cancel
	go func() {
		if err := s.census.Start(ctx); err != nil {
			t.Error(err)
		}
	}()
	synctest.Wait()
	return s
}

func (s *scene) current() *policy.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot
}

// setNodes publishes a snapshot with a node of each build, the policy of which offers 2022 and 2019.
func (s *scene) setNodes(builds ...string) {
	s.t.Helper()
	compiled, err := policy.Compile(&v1alpha1.WindowsBuildPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "general"},
		Spec:       v1alpha1.WindowsBuildPolicySpec{Builds: []v1alpha1.BuildRule{{Build: ws2022}, {Build: ws2019}}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	nodes := make([]policy.Node, len(builds))
	for i, build := range builds {
		nodes[i] = policy.Node{Name: fmt.Sprintf("n%d", i), Ready: true, Labels: map[string]string{
			corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: build,
		}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshot = policy.NewSnapshot(policy.NewPolicies([]*policy.Policy{compiled}), policy.CompileFleet(nodes), nil)
}

func (s *scene) forbid(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forbidden = err
}

// Facts answers for images of any build.
func (s *scene) Facts(_ context.Context, _ *workload.Pod, references []string, _ bool) map[string]policy.ImageResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	facts := map[string]policy.ImageResult{}
	for _, reference := range references {
		s.asked++
		image := &policy.Image{Index: true}
		for build := range strings.SplitSeq(strings.TrimPrefix(reference, "image:"), "-") {
			image.Platforms = append(image.Platforms, policy.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0." + build + ".1"})
		}
		facts[reference] = policy.ImageResult{Image: image}
	}
	return facts
}

// after lets time pass, which in a bubble takes none.
func (s *scene) after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// expect compares the dependents of 2019 as pods, stranded and unknown.
func (s *scene) expect(when string, pods, stranded, unknown int) {
	s.t.Helper()
	build, err := policy.ParseBuild(ws2019)
	if err != nil {
		s.t.Fatal(err)
	}
	d := s.census.Count().Dependents[impact.Dependency{Policy: "general", Build: build}]
	if d == nil {
		s.t.Fatalf("%s: nothing is counted", when)
	}
	if diff := cmp.Diff([]int{pods, stranded, unknown}, []int{d.Pods, d.Stranded, d.Unknown}); diff != "" {
		s.t.Errorf("%s: pods, stranded, unknown (-want +got):\n%s", when, diff)
	}
}

// bound is a pod on the node of 2019.
func bound(name, image string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "team"},
		Spec: corev1.PodSpec{
			NodeName: "n0", OS: &corev1.PodOS{Name: corev1.Windows}, Containers: []corev1.Container{{Name: "main", Image: image}},
		},
	}
}

func TestPodsAreReadAtTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, bound("old", "image:17763"))
		defer s.cancel()
		s.expect("at the start", 1, 1, 0)
		if err := s.api.Create(t.Context(), bound("both", "image:17763-20348")); err != nil {
			t.Fatal(err)
		}
		s.after(interval / 2)
		s.expect("before the interval is over", 1, 1, 0)
		s.after(interval)
		s.expect("after the interval", 2, 1, 0)
		if s.sweeps != 4 { // A list for each of two nodes.
			t.Errorf("pods were listed %d times", s.sweeps)
		}
	})
}

func TestAChangeOfTheFleetIsCountedWithoutReadingPods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, bound("both", "image:17763-20348"))
		defer s.cancel()
		s.expect("with a node of 2022", 1, 0, 0)
		s.setNodes(ws2019)
		s.after(recountInterval)
		s.expect("without", 1, 1, 0)
		if s.sweeps != 2 || s.asked != 1 {
			t.Errorf("pods were listed %d times, images asked about %d times", s.sweeps, s.asked)
		}
	})
}

func TestTheSameCountIsNotPublishedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, bound("old", "image:17763"))
		defer s.cancel()
		queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
		defer queue.ShutDown()
		listed := 0
		requests := func(context.Context) []reconcile.Request {
			listed++
			return []reconcile.Request{{}}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if err := s.census.Source(requests).Start(ctx, queue); err != nil {
			t.Fatal(err)
		}
		s.setNodes(ws2019, ws2022)
		s.after(3 * interval)
		if listed != 0 {
			t.Errorf("published %d times although nothing has changed", listed)
		}
		s.setNodes(ws2019, ws2019)
		s.after(recountInterval)
		if listed != 0 { // The pod is still on one node of 2019, and still stranded without it.
			t.Errorf("published %d times", listed)
		}
		if err := s.api.Delete(t.Context(), bound("old", "")); err != nil {
			t.Fatal(err)
		}
		s.after(2 * interval)
		if listed != 1 {
			t.Errorf("a change was published %d times", listed)
		}
	})
}

func TestWhatKeepsPodsFromBeingReadIsPartOfTheCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, bound("old", "image:17763"))
		defer s.cancel()
		last := time.Now()
		forbidden := errors.New("pods is forbidden")
		s.forbid(forbidden)
		s.after(2 * interval)
		s.expect("when pods cannot be read", 1, 1, 0)
		problem := s.census.Count().Problem
		if problem == nil || !errors.Is(problem.Err, forbidden) || !problem.Last.Equal(last) {
			t.Errorf("problem %+v, last read at %v", problem, last)
		}
		if len(s.lines) != 1 || !strings.Contains(s.lines[0], "workloads cannot be counted") {
			t.Errorf("log: %q", s.lines)
		}
		s.forbid(nil)
		s.after(retryInterval * 2)
		if problem := s.census.Count().Problem; problem != nil {
			t.Errorf("still %+v", problem)
		}
		if len(s.lines) != 2 || !strings.Contains(s.lines[1], "can be counted again") {
			t.Errorf("log: %q", s.lines)
		}
	})
}

func TestNothingIsCountedBeforeTheClusterIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scene{t: t}
		census, err := New(Options{Snapshot: s.current, Interval: interval, Registry: prometheus.NewRegistry()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- census.Start(ctx) }()
		s.after(interval)
		if count := census.Count(); count.Dependents != nil || count.Problem != nil {
			t.Errorf("counted %+v", count)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
