package nodebundle_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/nodebundle"
	"github.com/mullion-dev/mullion/test/registry"
)

const roomy = 1 << 20

func TestABundleIsFetchedOnceForAllHosts(t *testing.T) {
	w := newWorld(t, roomy, registry.Options{})
	image := w.push(t, "a kubelet")
	var answers []<-chan answer
	for range 20 {
		answers = append(answers, w.ask(t.Context(), image))
	}
	for _, asked := range answers {
		got := <-asked
		if got.err != nil {
			t.Fatal(got.err)
		}
		if !strings.HasSuffix(image, "@"+got.bundle.Digest) || len(got.bundle.Manifest.Files) != 1 {
			t.Errorf("got %s with %v", got.bundle.Digest, got.bundle.Manifest)
		}
	}
	if manifests, blobs := w.registry.Requests("/manifests/"), w.registry.Requests("/blobs/"); manifests != 1 || blobs != 2 {
		t.Errorf("%d requests for manifests and %d for the config and one file", manifests, blobs)
	}
}

func TestTheFilesOfABundleAreFoundByTheirDigests(t *testing.T) {
	w := newWorld(t, roomy, registry.Options{})
	bundle, err := w.Bundle(t.Context(), config(w.push(t, "a kubelet"), ""))
	if err != nil {
		t.Fatal(err)
	}
	content, err := bundle.Open(t.Context(), bundle.Manifest.Files[0].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(io.NewSectionReader(content, 2, 100))
	if err := errors.Join(err, content.Close()); err != nil || string(got) != "kubelet" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := bundle.Open(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestASlowRegistryOccupiesNobody(t *testing.T) {
	w := newWorld(t, roomy, registry.Options{})
	image, closed := w.push(t, "a kubelet"), make(gate)
	t.Cleanup(w.registry.Inject(closed.fault))
	asked := w.ask(t.Context(), image)
	w.awaitWaiter(t)
	w.clock.Step(5 * time.Second)
	var pending *nodebundle.PendingError
	if got := <-asked; !errors.As(got.err, &pending) || pending.Reference != image {
		t.Fatalf("got %v", got.err)
	}
	if want := "node bundle " + image + " is being fetched, since 5s ago"; pending.Error() != want {
		t.Errorf("got %v, want %s", pending, want)
	}
	close(closed)
	if got := <-w.ask(t.Context(), image); got.err != nil {
		t.Errorf("it is not fetched on: %v", got.err)
	}
	if manifests := w.registry.Requests("/manifests/"); manifests != 1 {
		t.Errorf("it is fetched %d times", manifests)
	}
}

func TestACallerWhoGoesAwayDoesNotEndTheFetch(t *testing.T) {
	w := newWorld(t, roomy, registry.Options{})
	image, closed := w.push(t, "a kubelet"), make(gate)
	t.Cleanup(w.registry.Inject(closed.fault))
	ctx, cancel := context.WithCancel(t.Context())
	asked := w.ask(ctx, image)
	w.awaitWaiter(t)
	cancel()
	if got := <-asked; !errors.Is(got.err, context.Canceled) || !strings.Contains(got.err.Error(), image) {
		t.Fatalf("got %v", got.err)
	}
	close(closed)
	if got := <-w.ask(t.Context(), image); got.err != nil || w.registry.Requests("/manifests/") != 1 {
		t.Errorf("got %v", got.err)
	}
}

func TestAFailureIsNotRepeatedByEveryHost(t *testing.T) {
	w := newWorld(t, roomy, registry.Options{})
	image := w.push(t, "a kubelet")
	var asked atomic.Int32
	restore := w.registry.Inject(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/manifests/") {
				asked.Add(1)
				answer.WriteHeader(http.StatusNotFound)
			}
		})
	})
	for range 5 {
		_, err := w.Bundle(t.Context(), config(image, ""))
		if err == nil || !strings.HasPrefix(err.Error(), "fetching node bundle "+image+": ") {
			t.Fatalf("got %v", err)
		}
	}
	if times := asked.Load(); times != 1 {
		t.Errorf("the registry is asked %d times", times)
	}
	restore()
	w.clock.Step(15 * time.Second)
	if _, err := w.Bundle(t.Context(), config(image, "")); err != nil {
		t.Errorf("it is not tried again: %v", err)
	}
}

func TestABundleThatNobodyUsesMakesRoom(t *testing.T) {
	const content = "there is room for one of these"
	for sentence, c := range map[string]struct {
		use  func(t *testing.T, w *world, image string, bundle nodebundle.Bundle)
		room bool
	}{
		"not at once":   {func(*testing.T, *world, string, nodebundle.Bundle) {}, false},
		"after an hour": {func(_ *testing.T, w *world, _ string, _ nodebundle.Bundle) { w.clock.Step(time.Hour) }, true},
		"not an hour after it was asked for": {func(t *testing.T, w *world, image string, _ nodebundle.Bundle) {
			t.Helper()
			w.clock.Step(59 * time.Minute)
			if _, err := w.Bundle(t.Context(), config(image, "")); err != nil {
				t.Fatal(err)
			}
			w.clock.Step(59 * time.Minute)
		}, false},
		"nor after a file of it was opened": {func(t *testing.T, w *world, _ string, bundle nodebundle.Bundle) {
			t.Helper()
			w.clock.Step(59 * time.Minute)
			opened, err := bundle.Open(t.Context(), bundle.Manifest.Files[0].SHA256)
			if err != nil {
				t.Fatal(err)
			}
			if err := opened.Close(); err != nil {
				t.Fatal(err)
			}
			w.clock.Step(59 * time.Minute)
		}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t, int64(len(content))+4, registry.Options{})
			first, second := w.push(t, content+" A"), w.push(t, content+" B")
			bundle, err := w.Bundle(t.Context(), config(first, ""))
			if err != nil {
				t.Fatal(err)
			}
			c.use(t, w, first, bundle)
			_, err = w.Bundle(t.Context(), config(second, ""))
			if room := err == nil; room != c.room {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestClosingEndsWhatIsBeingFetched(t *testing.T) {
	w := newWorld(t, roomy, registry.Options{})
	image, closed := w.push(t, "a kubelet"), make(gate)
	t.Cleanup(w.registry.Inject(closed.fault))
	asked := w.ask(t.Context(), image)
	w.awaitWaiter(t)
	w.Close()
	if got := <-asked; !errors.Is(got.err, context.Canceled) {
		t.Errorf("got %v", got.err)
	}
	if _, err := w.Bundle(t.Context(), config(image, "")); !errors.Is(err, nodebundle.ErrClosed) {
		t.Errorf("got %v", err)
	}
	w.Close()
}

func TestAReferenceWithoutADigestIsRefused(t *testing.T) {
	w := newWorld(t, roomy, registry.Options{})
	_, err := w.Bundle(t.Context(), config("registry.example.com/node:v1", ""))
	if err == nil || !strings.HasPrefix(err.Error(), "reading the reference of the node bundle: ") {
		t.Errorf("got %v", err)
	}
}
