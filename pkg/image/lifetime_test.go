package image

import (
	"context"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestAnswersLiveAsLongAsTheirKind(t *testing.T) {
	pinned := "registry.example.com/app@" + sum("content")
	for sentence, test := range map[string]struct {
		raw    string
		answer func(context.Context, registry.Query) (*policy.Image, error)
		// Until fresh the registry is not asked again; after expired it is.
		fresh, expired time.Duration
	}{
		"a tag for about five minutes":            {app, found, 269 * time.Second, 331 * time.Second},
		"a digest for a day":                      {pinned, found, 24*time.Hour - 1, 24 * time.Hour},
		"not found for half a minute":             {app, failing(policy.ImageNotFound, false, 0), 30*time.Second - 1, 30 * time.Second},
		"unauthorized for half a minute":          {app, failing(policy.ImageUnauthorized, false, 0), 30*time.Second - 1, 30 * time.Second},
		"malformed for half a minute":             {app, failing(policy.ImageMalformed, false, 0), 30*time.Second - 1, 30 * time.Second},
		"a forbidden address for half a minute":   {app, failing(policy.ImageForbidden, false, 0), 30*time.Second - 1, 30 * time.Second},
		"an unreachable registry for ten seconds": {app, down, 10*time.Second - 1, 10 * time.Second},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFixture(t, test.answer)
			f.resolve(t, test.raw)
			f.renewed(t)
			f.clock.Step(test.fresh)
			f.resolve(t, test.raw)
			if n := f.client.asked(); n != 1 {
				t.Errorf("asked %d times within the lifetime", n)
			}
			f.clock.Step(test.expired - test.fresh)
			f.resolve(t, test.raw)
			f.renewed(t)
			if n := f.client.asked(); n != 2 {
				t.Errorf("asked %d times after the lifetime, want twice", n)
			}
		})
	}
}

func TestTheLifetimesOfTagsVary(t *testing.T) {
	f := newFixture(t, found)
	seen := map[time.Duration]bool{}
	for range 100 {
		lifetime := f.lifetime(true)
		if lifetime < 270*time.Second || lifetime > 330*time.Second {
			t.Fatalf("lifetime %s", lifetime)
		}
		seen[lifetime] = true
	}
	if len(seen) < 50 {
		t.Errorf("%d different lifetimes of 100", len(seen))
	}
}

func TestAnExpiredAnswerIsGivenAtOnceWhileItIsRenewed(t *testing.T) {
	release := make(chan struct{})
	newer := func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		if !query.Revalidate {
			t.Error("the registry is not asked first whether the tag has moved")
		}
		<-release
		return windowsImage(sum("newer"), "10.0.26100.1"), nil
	}
	f := newFixture(t, inTurn(found, newer))
	f.resolve(t, app)
	f.renewed(t)
	f.clock.Step(10 * time.Minute)
	for range 3 {
		got := f.resolve(t, app)
		wantFound(t, got, false)
		if got.Image.Platforms[0].OSVersion != "10.0.20348.2700" {
			t.Error("the answer is not the old one")
		}
	}
	close(release)
	f.renewed(t)
	if got := f.resolve(t, app); got.Image.Digest != sum("newer") || got.Image.Stale {
		t.Errorf("got %+v after the renewal", got.Image)
	}
	if n := f.client.asked(); n != 2 {
		t.Errorf("asked %d times, want twice", n)
	}
}

func TestWhileTheRegistryCannotBeAskedTheOldAnswerStandsForAnHourMarkedStale(t *testing.T) {
	f := newFixture(t, inTurn(found, down), func(o *Options) { o.BreakerFailures = 1_000_000 })
	f.resolve(t, app)
	f.renewed(t)
	f.clock.Step(6 * time.Minute)
	wantFound(t, f.resolve(t, app), false) // Expired, and not known to be stale yet.
	f.renewed(t)
	for range 5 {
		wantFound(t, f.resolve(t, app), true)
		f.clock.Step(10 * time.Minute)
		wantFound(t, f.resolve(t, app), true)
		f.renewed(t)
	}
	f.clock.Step(10 * time.Minute)
	wantReason(t, f.resolve(t, app), policy.ImageUnreachable)
	f.renewed(t)
	wantReason(t, f.resolve(t, app), policy.ImageUnreachable)
}

func TestARegistryThatComesBackEndsStaleness(t *testing.T) {
	f := newFixture(t, inTurn(found, down, found))
	f.resolve(t, app)
	f.renewed(t)
	f.clock.Step(6 * time.Minute)
	f.resolve(t, app)
	f.renewed(t)
	wantFound(t, f.resolve(t, app), true)
	f.clock.Step(11 * time.Second)
	wantFound(t, f.resolve(t, app), true)
	f.renewed(t)
	wantFound(t, f.resolve(t, app), false)
}

func TestWhatTheRegistryAnswersReplacesTheOldAnswerWhateverItIs(t *testing.T) {
	for _, reason := range []policy.ImageProblemReason{policy.ImageNotFound, policy.ImageUnauthorized, policy.ImageMalformed, policy.ImageForbidden} {
		t.Run(string(reason), func(t *testing.T) {
			f := newFixture(t, inTurn(found, failing(reason, false, 0)))
			f.resolve(t, app)
			f.renewed(t)
			f.clock.Step(6 * time.Minute)
			f.resolve(t, app)
			f.renewed(t)
			wantReason(t, f.resolve(t, app), reason)
		})
	}
}

func TestAnAnswerThatNobodyAskedForInAnHourIsWaitedForAgain(t *testing.T) {
	f := newFixture(t, inTurn(found, down))
	f.resolve(t, app)
	f.renewed(t)
	f.clock.Step(2 * time.Hour)
	wantReason(t, f.resolve(t, app), policy.ImageUnreachable)
}

func TestARenewalFetchesNothingThatTheLastAnswerHasAlready(t *testing.T) {
	f := newFixture(t, found)
	digest := f.resolve(t, app).Image.Digest
	f.renewed(t)
	f.cache.contents.Purge() // As where many other images were asked for meanwhile.
	f.clock.Step(6 * time.Minute)
	f.resolve(t, app)
	f.renewed(t)
	renewal := f.client.queries[1]
	if !renewal.Revalidate || renewal.Known(digest) == nil {
		t.Error("what the digest stands for is not known any more")
	}
	if renewal.Known(sum("newer")) != nil {
		t.Error("another digest is taken for it")
	}
}
