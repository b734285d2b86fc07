package hosts

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/bundle/cache"
	"github.com/mullion-dev/mullion/pkg/nodebundle"
	"github.com/mullion-dev/mullion/pkg/windowshost"
)

// bundles are node bundles as the reconciler wants them.
type bundles struct{ *nodebundle.Bundles }

var _ windowshost.Bundles = bundles{}

// Bundle returns the bundle that a configuration names.
func (b bundles) Bundle(ctx context.Context, config *v1alpha1.WindowsNodeConfig) (windowshost.Bundle, error) {
	found, err := b.Bundles.Bundle(ctx, config)
	if errors.As(err, new(*nodebundle.PendingError)) {
		err = fmt.Errorf("%w: %w", windowshost.ErrBundlePending, err)
	}
	return windowshost.Bundle{Bundle: found.Bundle, Contents: found.Contents}, err
}

func newBundles(mgr manager.Manager, d *dependencies, o *Options) (bundles, error) {
	size, err := resource.ParseQuantity(o.BundleCacheSize)
	if err != nil {
		return bundles{}, fmt.Errorf("--bundle-cache-size: %w", err)
	}
	kept, err := cache.Open(o.BundleCache, size.Value())
	if err != nil {
		return bundles{}, fmt.Errorf("opening the cache of node bundles: %w", err)
	}
	transport, err := d.RegistryCA.Transport()
	if err != nil {
		return bundles{}, err
	}
	found := nodebundle.New(nodebundle.Options{
		Cache: kept, Reader: mgr.GetAPIReader(), Namespace: d.Namespace, InsecureRegistries: d.InsecureRegistries,
		Transport: transport,
	})
	return bundles{found}, mgr.Add(closing{func() {
		found.Close()
		if err := kept.Close(); err != nil {
			mgr.GetLogger().Error(err, "closing the cache of node bundles")
		}
	}})
}

// closing ends something when the program does.
type closing struct{ close func() }

var _ manager.Runnable = closing{}

// Start waits until the context ends.
func (c closing) Start(ctx context.Context) error {
	<-ctx.Done()
	c.close()
	return nil
}

// NeedLeaderElection tells that a replica that waits for its turn closes, too.
func (c closing) NeedLeaderElection() bool { return false }
