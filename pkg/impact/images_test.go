package impact

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

func TestEveryImageIsAskedAboutOnce(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	images := &answers{results: registry(), asked: func(_ context.Context, _ *workload.Pod, reference string, _ bool) {
		mu.Lock()
		defer mu.Unlock()
		asked[reference]++
	}}
	workloads := []*Workload{
		running(t, deployment("one"), template([]string{"core:2019", "core:all"}), "a19"),
		running(t, deployment("two"), template([]string{"core:2019", "down"}), "a19"),
		runningIn(t, "elsewhere", deployment("own"), template([]string{"core:2022"}), "a19"),
	}
	now := snapshot(t, fleet())
	var progress [][2]int
	facts := Resolve(t.Context(), images, workloads, []*policy.Snapshot{now, now}, ResolveOptions{
		Progress: func(done, total int) { progress = append(progress, [2]int{done, total}) },
	})
	want := map[string]int{"core:2019": 1, "core:all": 1, "down": 1}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	all := registry()
	delete(all, "core:2022")
	if diff := cmp.Diff(all, facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][2]int{{0, 3}, {1, 3}, {2, 3}, {3, 3}}, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestWhatIsKnownIsNotAskedAboutAgain(t *testing.T) {
	known := ByNamespace{"team-a": {"core:2019": registry()["core:2019"]}}
	w := running(t, deployment("one"), template([]string{"core:2019", "core:2022"}), "a19")
	images := &answers{results: registry(), asked: func(_ context.Context, _ *workload.Pod, reference string, _ bool) {
		if reference == "core:2019" {
			t.Error("asked again")
		}
	}}
	facts := ResolveByNamespace(t.Context(), images, []*Workload{w}, []*policy.Snapshot{snapshot(t, fleet())}, known, ResolveOptions{})
	if len(facts["team-a"]) != 2 || len(known["team-a"]) != 1 {
		t.Errorf("facts %v, known %v", facts, known)
	}
}

// Who may read a policy must not learn from its counts what another's credentials say of an image.
func TestWhatOneNamespacesCredentialsRevealIsNotToldToAnother(t *testing.T) {
	images := &answers{results: registry(), refuses: []string{"team-b"}}
	workloads := []*Workload{
		running(t, deployment("one"), template([]string{"core:2019"}), "a19"),
		runningIn(t, "team-b", deployment("two"), template([]string{"core:2019"}), "a19"),
	}
	facts := ResolveByNamespace(t.Context(), images, workloads, []*policy.Snapshot{snapshot(t, fleet())}, nil, ResolveOptions{})
	if facts["team-a"]["core:2019"].Image == nil || facts["team-b"]["core:2019"].Problem == nil {
		t.Errorf("facts %v", facts)
	}
	all, err := Dependents(workloads, snapshot(t, fleet()), facts)
	if err != nil {
		t.Fatal(err)
	}
	if d := all[Dependency{"general", build(t, ws2019)}]; d.Stranded != 1 || d.Unknown != 1 {
		t.Errorf("stranded %d, unknown %d", d.Stranded, d.Unknown)
	}
}

func TestARefusedImageIsAskedAboutWithTheCredentialsOfOthers(t *testing.T) {
	var namespaces []string
	images := &answers{results: registry(), refuses: []string{"team-a"}, asked: func(_ context.Context, pod *workload.Pod, _ string, fromTemplate bool) {
		namespaces = append(namespaces, pod.Metadata.Namespace)
		if !fromTemplate {
			t.Error("the pull secrets of the service account are taken to be in the template")
		}
	}}
	workloads := []*Workload{
		running(t, deployment("one"), template([]string{"core:2019"}), "a19"),
		running(t, deployment("two"), template([]string{"core:2019"}), "a19"),
		runningIn(t, "team-b", deployment("three"), template([]string{"core:2019"}), "a19"),
	}
	facts := Resolve(t.Context(), images, workloads, []*policy.Snapshot{snapshot(t, fleet())}, ResolveOptions{})
	if facts["core:2019"].Image == nil {
		t.Errorf("not known: %+v", facts["core:2019"].Problem)
	}
	// Two workloads of one service account have the same credentials.
	if diff := cmp.Diff([]string{"team-a", "team-b"}, namespaces); diff != "" {
		t.Errorf("asked with the credentials of (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotKnownWhenTheTimeIsOverIsAProblem(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := running(t, deployment("one"), template([]string{"core:2019", "core:2022"}), "a19")
	facts := Resolve(ctx, &answers{results: registry()}, []*Workload{w}, []*policy.Snapshot{snapshot(t, fleet())}, ResolveOptions{})
	for _, reference := range []string{"core:2019", "core:2022"} {
		if problem := facts[reference].Problem; problem == nil || problem.Reason != policy.ImageTimeout {
			t.Errorf("%s: %+v", reference, facts[reference])
		}
	}
}

func TestImagesAreAskedAboutSideBySideUpToTheBound(t *testing.T) {
	const bound = 3
	var references []string
	for range 12 {
		references = append(references, "core:"+string(rune('a'+len(references))))
	}
	var mu sync.Mutex
	running, most := 0, 0
	full := make(chan struct{})
	images := &answers{asked: func(ctx context.Context, _ *workload.Pod, _ string, _ bool) {
		mu.Lock()
		running++
		most = max(most, running)
		if running == bound {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		select { // Nobody leaves before as many as may be are there.
		case <-full:
		case <-ctx.Done():
		}
		mu.Lock()
		running--
		mu.Unlock()
	}}
	w := runningIn(t, "team-a", deployment("one"), template(references), "a19")
	facts := Resolve(t.Context(), images, []*Workload{w}, []*policy.Snapshot{snapshot(t, fleet())}, ResolveOptions{Concurrency: bound})
	if most != bound {
		t.Errorf("%d at once", most)
	}
	if got := len(facts); got != len(slices.Compact(references)) {
		t.Errorf("%d facts", got)
	}
}
