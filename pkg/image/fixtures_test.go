package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"
	"time"

	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// fakeClock is a clock that announces each timer once it is set.
type fakeClock struct {
	*clocktesting.FakeClock
	timers chan time.Duration
}

func newClock() *fakeClock {
	return &fakeClock{FakeClock: clocktesting.NewFakeClock(noon()), timers: make(chan time.Duration, 10_000)}
}

// AfterFunc sets a timer and announces it.
func (c *fakeClock) AfterFunc(d time.Duration, f func()) clock.Timer {
	set := c.FakeClock.AfterFunc(d, f)
	c.timers <- d
	return set
}

// fakeClient answers as a test says and keeps account of what it was asked.
type fakeClient struct {
	answer func(ctx context.Context, query registry.Query) (*policy.Image, error)

	mu      sync.Mutex
	queries []registry.Query
}

func (c *fakeClient) Lookup(ctx context.Context, query registry.Query) (*policy.Image, error) {
	c.mu.Lock()
	c.queries = append(c.queries, query)
	c.mu.Unlock()
	return c.answer(ctx, query)
}

func (c *fakeClient) asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queries)
}

// metrics keeps account of what it is told.
type metrics struct {
	mu       sync.Mutex
	answered map[string]int
	lookedUp chan Outcome
}

func newRecorder() *metrics {
	return &metrics{answered: map[string]int{}, lookedUp: make(chan Outcome, 10_000)}
}

func (m *metrics) Answered(source Source, outcome Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answered[string(source)+" "+string(outcome)]++
}

func (m *metrics) LookedUp(outcome Outcome, _ time.Duration) { m.lookedUp <- outcome }

// fixture is a resolver over a fake registry and a fake clock.
type fixture struct {
	*Resolver
	client  *fakeClient
	clock   *fakeClock
	metrics *metrics
}

func newFixture(t *testing.T, answer func(context.Context, registry.Query) (*policy.Image, error), change ...func(*Options)) *fixture {
	t.Helper()
	f := &fixture{client: &fakeClient{answer: answer}, clock: newClock(), metrics: newRecorder()}
	o := Options{Client: f.client, Clock: f.clock, Metrics: f.metrics}
	for _, c := range change {
		c(&o)
	}
	resolver, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(resolver.Close)
	f.Resolver = resolver
	return f
}

func (f *fixture) resolve(t *testing.T, raw string) policy.ImageResult {
	t.Helper()
	return f.Resolve(t.Context(), raw, nil)
}

// renewed waits for the end of a look-up that nobody waits for.
func (f *fixture) renewed(t *testing.T) {
	t.Helper()
	select {
	case <-f.metrics.lookedUp:
	case <-time.After(10 * time.Second):
		t.Fatal("no look-up came to its end")
	}
	// The metric is the last thing before the answer is public; the flight itself is gone by then.
}

func sum(of string) string {
	digest := sha256.Sum256([]byte(of))
	return "sha256:" + hex.EncodeToString(digest[:])
}

func windowsImage(digest, version string) *policy.Image {
	return &policy.Image{Digest: digest, Index: true, Platforms: []policy.Platform{
		{OS: "windows", Architecture: "amd64", OSVersion: version, OSFeatures: []string{"win32k"}, Digest: sum(digest + version)},
		{OS: "linux", Architecture: "amd64", Digest: sum(digest + "linux")},
	}}
}

// found answers every question with an image whose digest is that of the reference.
func found(_ context.Context, query registry.Query) (*policy.Image, error) {
	return windowsImage(sum(query.Image.String()), "10.0.20348.2700"), nil
}

func failing(reason policy.ImageProblemReason, outage bool, retryAfter time.Duration) func(context.Context, registry.Query) (*policy.Image, error) {
	return func(context.Context, registry.Query) (*policy.Image, error) {
		return nil, &registry.Error{Reason: reason, Message: "the registry says " + string(reason), Outage: outage, RetryAfter: retryAfter}
	}
}

// inTurn answers the first question with the first function, and so on; the last answers the rest.
func inTurn(answers ...func(context.Context, registry.Query) (*policy.Image, error)) func(context.Context, registry.Query) (*policy.Image, error) {
	var mu sync.Mutex
	return func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		mu.Lock()
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		mu.Unlock()
		return answer(ctx, query)
	}
}

// down is a registry that cannot be asked.
func down(ctx context.Context, query registry.Query) (*policy.Image, error) {
	return failing(policy.ImageUnreachable, true, 0)(ctx, query)
}

// ringFor has one user's credentials for one host.
func ringFor(t *testing.T, host, user string) *keyring.Keyring {
	t.Helper()
	config, err := keyring.ParseConfigJSON([]byte(fmt.Sprintf(`{"auths":{%q:{"username":%q,"password":"hunter2"}}}`, host, user)))
	if err != nil {
		t.Fatal(err)
	}
	return keyring.New(config)
}

func wantFound(t *testing.T, got policy.ImageResult, stale bool) {
	t.Helper()
	if got.Image == nil || got.Problem != nil {
		t.Fatalf("got problem %+v, want an image", got.Problem)
	}
	if got.Image.Stale != stale {
		t.Errorf("stale: %v, want %v", got.Image.Stale, stale)
	}
}

func wantReason(t *testing.T, got policy.ImageResult, reason policy.ImageProblemReason) {
	t.Helper()
	if got.Problem == nil || got.Image != nil || got.Problem.Reason != reason {
		t.Fatalf("got %+v and %+v, want problem %s", got.Image, got.Problem, reason)
	}
}
