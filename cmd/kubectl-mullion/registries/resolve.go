package registries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/image"
	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/version"
)

// maxQueued is far above the number of images that anybody names: whoever asks here has all the time that the
// timeout gives.
const maxQueued = 1 << 20

// Resolve asks registries about images, with the user's credentials, and returns an outcome for every one of them. An
// image that cannot be inspected is an outcome; an error means that none could be asked for. Progress is shown on a
// terminal.
//
// One registry is asked for 8 images at once and all together for 32; one that fails again and again is left alone.
// Everything ends with the timeout of the options.
func Resolve(ctx context.Context, o *Options, images []string, progressTo io.Writer) (map[string]policy.ImageResult, error) {
	results := make(map[string]policy.ImageResult, len(images))
	if len(images) == 0 {
		return results, nil
	}
	roots, err := o.CA.Pool()
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, o.Timeout, fmt.Errorf("it took longer than --registry-timeout, %s", o.Timeout))
	defer cancel()
	ring, err := credentials(limited, images)
	if err != nil {
		return nil, err
	}
	client := registry.NewClient(registry.Options{
		InsecureHosts: o.Insecure,
		RootCAs:       roots,
		Proxy:         http.ProxyFromEnvironment,
		UserAgent:     version.Get().UserAgent("kubectl"),
	})
	defer client.Close()
	resolver, err := image.New(image.Options{
		Client: client, Budget: o.Timeout, LookupTimeout: o.Timeout,
		MaxQueued: maxQueued, MaxQueuedPerRegistry: maxQueued, MaxEntries: max(len(images), 1),
	})
	if err != nil {
		return nil, fmt.Errorf("asking registries: %w", err)
	}
	defer resolver.Close()

	progress := terminal.NewProgress(progressTo, "images", len(images))
	defer progress.Close()
	all := &lookups{resolver: resolver, ring: ring, options: o, results: results, progress: progress}
	all.run(limited, images)
	if err := ctx.Err(); err != nil {
		return nil, errors.New("interrupted")
	}
	return results, nil
}

// lookups are those that run side by side.
type lookups struct {
	resolver *image.Resolver
	ring     *keyring.Keyring
	options  *Options
	progress *terminal.Progress

	mu      sync.Mutex
	results map[string]policy.ImageResult
}

// run asks for every image at once: the resolver lets only so many of them go ahead.
func (l *lookups) run(ctx context.Context, images []string) {
	var work sync.WaitGroup
	for _, reference := range images {
		work.Go(func() {
			result := l.resolver.Resolve(ctx, reference, l.ring)
			if result.Problem != nil && result.Problem.Reason == policy.ImageTimeout {
				// Nothing goes on in the background of a command.
				result.Problem = &policy.ImageProblem{Reason: policy.ImageTimeout, Message: fmt.Sprintf(
					"its registry did not answer within %s, which --registry-timeout allows", l.options.Timeout)}
			}
			l.mu.Lock()
			l.results[reference] = result
			l.mu.Unlock()
			l.progress.Add(1)
		})
	}
	work.Wait()
}
