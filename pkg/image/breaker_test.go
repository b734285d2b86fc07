package image

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// resolveNew asks for an image that was never asked for before.
func (f *fixture) resolveNew(t *testing.T) policy.ImageResult {
	t.Helper()
	return f.resolve(t, fmt.Sprintf("registry.example.com/new:%d", f.client.asked()+1000*len(f.metrics.lookedUp)))
}

func TestARegistryThatFailsFiveTimesInARowIsLeftAloneAndThenTriedOnce(t *testing.T) {
	f := newFixture(t, down)
	for range 5 {
		wantReason(t, f.resolveNew(t), policy.ImageUnreachable)
	}
	got := f.resolve(t, "registry.example.com/another")
	wantReason(t, got, policy.ImageUnreachable)
	if n := f.client.asked(); n != 5 || !strings.Contains(got.Problem.Message, "tried again in 10s") {
		t.Errorf("asked %d times, message %q", n, got.Problem.Message)
	}
	wantReason(t, f.resolve(t, "healthy.example.com/app"), policy.ImageUnreachable)
	if n := f.client.asked(); n != 6 {
		t.Error("another registry is left alone too")
	}

	f.clock.Step(10 * time.Second)
	f.resolve(t, "registry.example.com/probe")
	f.resolve(t, "registry.example.com/after")
	if n := f.client.asked(); n != 7 {
		t.Errorf("asked %d times, want one probe more", n)
	}
}

func TestAProbeThatSucceedsEndsThePause(t *testing.T) {
	f := newFixture(t, inTurn(down, down, down, down, down, found))
	for range 5 {
		f.resolveNew(t)
	}
	f.clock.Step(10 * time.Second)
	wantFound(t, f.resolve(t, "registry.example.com/probe"), false)
	wantFound(t, f.resolve(t, "registry.example.com/after"), false)
}

func TestWhileAProbeIsUnderWayNobodyElseAsks(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	f := newFixture(t, inTurn(down, down, down, down, down, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		close(entered)
		<-release
		return found(ctx, query)
	}))
	for range 5 {
		f.resolveNew(t)
	}
	f.clock.Step(10 * time.Second)
	probe := make(chan policy.ImageResult)
	go func() { probe <- f.Resolve(t.Context(), "registry.example.com/probe", nil) }()
	<-entered
	wantReason(t, f.resolve(t, "registry.example.com/other"), policy.ImageUnreachable)
	close(release)
	wantFound(t, <-probe, false)
}

func TestAnAnswerInBetweenResetsTheCount(t *testing.T) {
	f := newFixture(t, inTurn(down, down, down, down, failing(policy.ImageNotFound, false, 0), down, down, down, down, found))
	for range 9 {
		f.resolveNew(t)
	}
	wantFound(t, f.resolve(t, "registry.example.com/last"), false)
}

func TestARegistryThatAsksToBeLeftAloneIs(t *testing.T) {
	f := newFixture(t, inTurn(failing(policy.ImageUnreachable, true, time.Minute), found))
	f.resolve(t, app)
	f.clock.Step(59 * time.Second)
	wantReason(t, f.resolve(t, "registry.example.com/other"), policy.ImageUnreachable)
	f.clock.Step(time.Second)
	wantFound(t, f.resolve(t, "registry.example.com/other"), false)
}

func TestOldAnswersStandWhileTheRegistryIsLeftAlone(t *testing.T) {
	f := newFixture(t, inTurn(found, failing(policy.ImageUnreachable, true, time.Hour)))
	f.resolve(t, app)
	f.clock.Step(6 * time.Minute)
	f.resolve(t, "registry.example.com/other") // Opens the breaker.
	wantFound(t, f.resolve(t, app), true)
}

func TestAnImageThatLeadsToAForbiddenAddressSaysNothingOfItsRegistry(t *testing.T) {
	f := newFixture(t, failing(policy.ImageForbidden, false, 0))
	for range 10 {
		wantReason(t, f.resolveNew(t), policy.ImageForbidden)
	}
}
