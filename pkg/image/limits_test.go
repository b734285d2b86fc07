package image

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestNoMoreLookupsRunAtOnceThanAllowed(t *testing.T) {
	for sentence, test := range map[string]struct {
		name string
		want int
	}{
		"for one registry": {"registry.example.com/app:%d", 2},
		"in all":           {"registry%d.example.com/app", 4},
	} {
		t.Run(sentence, func(t *testing.T) {
			var running, most atomic.Int32
			entered, release := make(chan struct{}, 100), make(chan struct{})
			f := newFixture(t, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
				n := running.Add(1)
				defer running.Add(-1)
				for old := most.Load(); n > old; old = most.Load() {
					most.CompareAndSwap(old, n)
				}
				entered <- struct{}{}
				<-release
				return found(ctx, query)
			}, func(o *Options) { o.MaxPerRegistry, o.MaxConcurrent = 2, 4 })
			var batch []string
			for i := range 20 {
				batch = append(batch, fmt.Sprintf(test.name, i))
			}
			answers := make(chan map[string]policy.ImageResult)
			go func() { answers <- f.ResolveAll(t.Context(), batch, nil) }()
			for range test.want {
				<-entered
			}
			close(release)
			for _, got := range <-answers {
				wantFound(t, got, false)
			}
			if int(most.Load()) != test.want {
				t.Errorf("%d look-ups ran at once, want %d", most.Load(), test.want)
			}
		})
	}
}

func TestASlowRegistryDoesNotHoldUpAnother(t *testing.T) {
	f := newFixture(t, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		if query.Image.Registry() == "slow.example.com" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return found(ctx, query)
	}, func(o *Options) { o.MaxPerRegistry, o.MaxConcurrent = 2, 3 })
	gone, leave := context.WithCancel(t.Context())
	leave()
	for i := range 50 {
		wantReason(t, f.Resolve(gone, fmt.Sprintf("slow.example.com/app:%d", i), nil), policy.ImageTimeout)
	}
	wantFound(t, f.resolve(t, app), false)
}

func TestTooManyLookupsAreTurnedAwayAtOnce(t *testing.T) {
	for sentence, name := range map[string]string{"for one registry": "registry.example.com/app:%d", "in all": "registry%d.example.com/app"} {
		t.Run(sentence, func(t *testing.T) {
			f := newFixture(t, func(ctx context.Context, _ registry.Query) (*policy.Image, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}, func(o *Options) { o.MaxQueuedPerRegistry, o.MaxQueued = 5, 5 })
			gone, leave := context.WithCancel(t.Context())
			leave()
			for i := range 5 {
				wantReason(t, f.Resolve(gone, fmt.Sprintf(name, i), nil), policy.ImageTimeout)
			}
			got := f.resolve(t, fmt.Sprintf(name, 6))
			wantReason(t, got, policy.ImageUnreachable)
			if !strings.Contains(got.Problem.Message, "too many look-ups are waiting") {
				t.Errorf("message %q", got.Problem.Message)
			}
		})
	}
}

func TestCloseEndsEveryLookupAndLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	client := &fakeClient{answer: func(ctx context.Context, _ registry.Query) (*policy.Image, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	r, err := New(Options{Client: client, Clock: newClock()})
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for i := range 100 {
		r.Resolve(gone, fmt.Sprintf("registry.example.com/app:%d", i), nil)
	}
	r.Close()
	r.Close() // Again does no harm.
	if len(r.flights) != 0 {
		t.Errorf("%d look-ups are left", len(r.flights))
	}
	wantNoMoreGoroutinesThan(t, before)
	got := r.Resolve(t.Context(), app, nil)
	wantReason(t, got, policy.ImageUnreachable)
	if !strings.Contains(got.Problem.Message, "shutting down") {
		t.Errorf("message %q", got.Problem.Message)
	}
}

func TestAfterCloseTheCacheStillAnswers(t *testing.T) {
	f := newFixture(t, found)
	f.resolve(t, app)
	f.Close()
	wantFound(t, f.resolve(t, app), false)
}

func TestAnErrorOfUnknownKindIsNotQuoted(t *testing.T) {
	f := newFixture(t, func(context.Context, registry.Query) (*policy.Image, error) {
		return nil, fmt.Errorf("password=hunter2")
	})
	got := f.resolve(t, app)
	wantReason(t, got, policy.ImageUnreachable)
	if strings.Contains(got.Problem.Message, "hunter2") {
		t.Errorf("message %q", got.Problem.Message)
	}
}

// wantNoMoreGoroutinesThan allows goroutines that have done their work the moment that they need to be gone.
func wantNoMoreGoroutinesThan(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines more than before:\n%s", runtime.NumGoroutine()-before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
