package image

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const app = "registry.example.com/app:1"

func TestFactsComeBackAsTheRegistryGaveThemUnderThePodsOwnSpelling(t *testing.T) {
	f := newFixture(t, found)
	want := windowsImage(sum("docker.io/library/nginx:latest"), "10.0.20348.2700")
	for _, spelling := range []string{"nginx", "docker.io/nginx", "nginx:latest", "nginx"} {
		want.Reference = spelling
		if diff := cmp.Diff(policy.ImageResult{Image: want}, f.resolve(t, spelling)); diff != "" {
			t.Error(diff)
		}
	}
	if n := f.client.asked(); n != 1 {
		t.Errorf("the registry was asked %d times, want once", n)
	}
	if diff := cmp.Diff(map[string]int{"registry Found": 1, "cache Found": 3}, f.metrics.answered); diff != "" {
		t.Error(diff)
	}
}

func TestAHundredCallersShareOneLookup(t *testing.T) {
	release := make(chan struct{})
	f := newFixture(t, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		<-release
		return found(ctx, query)
	})
	var callers, ready sync.WaitGroup
	for range 100 {
		ready.Add(1)
		callers.Add(1)
		go func() {
			defer callers.Done()
			ready.Done()
			if got := f.Resolve(t.Context(), app, nil); got.Image == nil {
				t.Errorf("got %+v", got.Problem)
			}
		}()
	}
	ready.Wait()
	close(release)
	callers.Wait()
	if n := f.client.asked(); n != 1 {
		t.Errorf("the registry was asked %d times, want once", n)
	}
}

func TestALookupOutlivesTheBudgetAndTheRetryFindsItsAnswer(t *testing.T) {
	release := make(chan struct{})
	f := newFixture(t, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		select {
		case <-release:
			return found(ctx, query)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	answers := make(chan policy.ImageResult)
	go func() { answers <- f.Resolve(t.Context(), app, nil) }()
	<-f.clock.timers // The look-up's and
	<-f.clock.timers // the budget's, in either order.
	f.clock.Step(f.options.Budget)
	got := <-answers
	wantReason(t, got, policy.ImageTimeout)
	if !strings.Contains(got.Problem.Message, "within 1.5s; the look-up goes on in the background") {
		t.Errorf("message %q", got.Problem.Message)
	}
	close(release)
	f.renewed(t)
	wantFound(t, f.resolve(t, app), false)
	if n := f.client.asked(); n != 1 {
		t.Errorf("the registry was asked %d times, want once", n)
	}
}

func TestACallerWhoLeavesDoesNotEndTheLookup(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	f := newFixture(t, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		close(entered)
		<-release
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return found(ctx, query)
	})
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-entered; leave() }()
	wantReason(t, f.Resolve(ctx, app, nil), policy.ImageTimeout)
	close(release)
	f.renewed(t)
	wantFound(t, f.resolve(t, app), false)
}

func TestALookupEndsWithItsOwnTimeout(t *testing.T) {
	f := newFixture(t, func(ctx context.Context, _ registry.Query) (*policy.Image, error) {
		<-ctx.Done()
		return nil, &registry.Error{Reason: policy.ImageUnreachable, Message: "did not answer in time", Outage: true}
	})
	answers := make(chan policy.ImageResult)
	go func() { answers <- f.Resolve(t.Context(), app, nil) }()
	<-f.clock.timers
	<-f.clock.timers
	f.clock.Step(f.options.LookupTimeout)
	<-answers
	f.renewed(t)
	wantReason(t, f.resolve(t, app), policy.ImageUnreachable)
}

func TestABatchRunsSideBySideAndSharesOneBudget(t *testing.T) {
	var together sync.WaitGroup
	together.Add(5)
	f := newFixture(t, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		if query.Image.Repository() == "slow" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		together.Done()
		together.Wait() // None gets further before all have begun.
		return found(ctx, query)
	})
	batch := []string{"r.io/slow", "Wrong/", "r.io/a", "r.io/b", "r.io/c", "r.io/d", "r.io/e", "r.io/a"}
	answers := make(chan map[string]policy.ImageResult)
	go func() { answers <- f.ResolveAll(t.Context(), batch, nil) }()
	for range 5 {
		f.renewed(t)
	}
	for range 7 {
		<-f.clock.timers // Six look-ups and one budget.
	}
	f.clock.Step(f.options.Budget)
	got := <-answers
	if len(got) != 7 {
		t.Errorf("%d answers, want 7", len(got))
	}
	wantReason(t, got["r.io/slow"], policy.ImageTimeout)
	wantReason(t, got["Wrong/"], policy.ImageInvalidReference)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		wantFound(t, got["r.io/"+name], false)
	}
}

func TestCredentialsDivideTheCache(t *testing.T) {
	for sentence, test := range map[string]struct {
		first, second *keyring.Keyring
		lookups       int
	}{
		"equal credentials share":                             {ringFor(t, "registry.example.com", "a"), ringFor(t, "registry.example.com", "a"), 1},
		"another namespace's credentials do not":              {ringFor(t, "registry.example.com", "a"), ringFor(t, "registry.example.com", "b"), 2},
		"nor does somebody without any":                       {ringFor(t, "registry.example.com", "a"), nil, 2},
		"nor credentials after facts that anybody could get":  {nil, ringFor(t, "registry.example.com", "a"), 2},
		"credentials for other registries make no difference": {ringFor(t, "other.example.com", "a"), ringFor(t, "third.example.com", "b"), 1},
		"and are worth as much as none":                       {ringFor(t, "other.example.com", "a"), nil, 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFixture(t, found)
			for range 2 {
				wantFound(t, f.Resolve(t.Context(), app, test.first), false)
				wantFound(t, f.Resolve(t.Context(), app, test.second), false)
			}
			if n := f.client.asked(); n != test.lookups {
				t.Errorf("%d look-ups, want %d", n, test.lookups)
			}
		})
	}
}

func TestFactsOfOneNamespaceAreNotToldToAnotherThatTheRegistryRefuses(t *testing.T) {
	f := newFixture(t, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		if len(query.Credentials) == 1 && query.Credentials[0].Username == "a" {
			return found(ctx, query)
		}
		return failing(policy.ImageUnauthorized, false, 0)(ctx, query)
	})
	wantFound(t, f.Resolve(t.Context(), app, ringFor(t, "registry.example.com", "a")), false)
	wantReason(t, f.Resolve(t.Context(), app, ringFor(t, "registry.example.com", "b")), policy.ImageUnauthorized)
	wantReason(t, f.Resolve(t.Context(), app, nil), policy.ImageUnauthorized)
	digest := "registry.example.com/app@" + sum(app)
	wantReason(t, f.Resolve(t.Context(), digest, nil), policy.ImageUnauthorized)
}

func TestADigestSharesTheFactsOfTheTagThatLeadsToIt(t *testing.T) {
	digest := sum("content")
	f := newFixture(t, func(_ context.Context, query registry.Query) (*policy.Image, error) {
		if known := query.Known(digest); known != nil {
			return known, nil
		}
		return windowsImage(digest, "10.0.20348.2700"), nil
	})
	tag := f.resolve(t, app).Image
	pinned := f.resolve(t, "registry.example.com/app@"+digest).Image
	if diff := cmp.Diff(tag.Platforms, pinned.Platforms); diff != "" {
		t.Error(diff)
	}
	if f.client.queries[1].Known(digest) == nil || f.cache.contents.Len() != 1 {
		t.Error("the facts are kept twice")
	}
	f.resolve(t, "registry.example.com/other:1")
	if f.cache.contents.Len() != 2 {
		t.Error("another repository's facts are taken for this one's")
	}
}

func TestWhatNeedsNoRegistryIsNotAsked(t *testing.T) {
	for sentence, test := range map[string]struct {
		raw     string
		allowed []string
		reason  policy.ImageProblemReason
		words   string
	}{
		"an invalid reference":                  {"Wrong/App", nil, policy.ImageInvalidReference, "must be lower case"},
		"a registry that is not allowed":        {app, []string{"other.example.com"}, policy.ImageForbidden, "not one of the registries that the administrator allows"},
		"the same registry on another port":     {"registry.example.com:5000/app", []string{"registry.example.com"}, policy.ImageForbidden, ""},
		"a domain that only ends alike":         {"registry.badexample.com/app", []string{"*.example.com"}, policy.ImageForbidden, ""},
		"the domain of a wildcard itself":       {"example.com/app", []string{"*.example.com"}, policy.ImageForbidden, ""},
		"Docker Hub where only others may be":   {"nginx", []string{"*.example.com"}, policy.ImageForbidden, ""},
		"a metadata address as a registry name": {"169.254.169.254/app", []string{"*.example.com"}, policy.ImageForbidden, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFixture(t, found, func(o *Options) { o.AllowedRegistries = test.allowed })
			got := f.resolve(t, test.raw)
			wantReason(t, got, test.reason)
			if !strings.Contains(got.Problem.Message, test.words) {
				t.Errorf("message %q does not say %q", got.Problem.Message, test.words)
			}
			if f.client.asked() != 0 {
				t.Error("the registry was asked")
			}
		})
	}
}

func TestAllowedRegistriesAreAsked(t *testing.T) {
	f := newFixture(t, found, func(o *Options) {
		o.AllowedRegistries = []string{"Registry.local:5000", "*.example.com", "index.docker.io"}
	})
	for _, raw := range []string{"registry.local:5000/app", app, "a.b.example.com/app", "nginx"} {
		wantFound(t, f.resolve(t, raw), false)
	}
}

func TestNewRefusesOptionsThatMakeNoSense(t *testing.T) {
	client := &fakeClient{}
	for sentence, o := range map[string]Options{
		"no client":                       {},
		"a timeout shorter than a budget": {Client: client, Budget: time.Minute},
		"a negative number of entries":    {Client: client, MaxEntries: -1},
		"a star inside a host":            {Client: client, AllowedRegistries: []string{"a*.example.com"}},
		"a star alone":                    {Client: client, AllowedRegistries: []string{"*"}},
		"a URL":                           {Client: client, AllowedRegistries: []string{"https://example.com"}},
		"an empty host":                   {Client: client, AllowedRegistries: []string{""}},
	} {
		t.Run(sentence, func(t *testing.T) {
			if _, err := New(o); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	f := newFixture(t, found, func(o *Options) { o.MaxEntries = 10 })
	for i := range 100 {
		wantFound(t, f.resolve(t, fmt.Sprintf("registry.example.com/app:%d", i)), false)
	}
	if f.cache.images.Len() > 10 || f.cache.views.Len() > 10 || f.cache.contents.Len() > 10 {
		t.Errorf("%d images, %d views, %d contents", f.cache.images.Len(), f.cache.views.Len(), f.cache.contents.Len())
	}
	before := f.client.asked()
	wantFound(t, f.resolve(t, "registry.example.com/app:99"), false)
	if f.client.asked() != before {
		t.Error("the latest was forgotten")
	}
}

func TestProblemsDoNotCrowdOutFacts(t *testing.T) {
	f := newFixture(t, func(ctx context.Context, query registry.Query) (*policy.Image, error) {
		if query.Image.Repository() == "app" {
			return found(ctx, query)
		}
		return failing(policy.ImageNotFound, false, 0)(ctx, query)
	}, func(o *Options) { o.MaxEntries = 10 })
	f.resolve(t, app)
	for i := range 100 {
		wantReason(t, f.resolve(t, fmt.Sprintf("registry.example.com/none:%d", i)), policy.ImageNotFound)
	}
	before := f.client.asked()
	wantFound(t, f.resolve(t, app), false)
	if f.client.asked() != before {
		t.Error("the image was forgotten")
	}
}

func TestMetricsHaveNoNamesInThem(t *testing.T) {
	f := newFixture(t, inTurn(found, down))
	for _, raw := range []string{app, app, "registry.example.com/secret-project", "Wrong/"} {
		f.resolve(t, raw)
	}
	want := map[string]int{"registry Found": 1, "cache Found": 1, "registry Unreachable": 1, "none InvalidReference": 1}
	if diff := cmp.Diff(want, f.metrics.answered); diff != "" {
		t.Error(diff)
	}
}
