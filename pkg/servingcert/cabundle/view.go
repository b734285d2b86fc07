package cabundle

import (
	"context"
	"errors"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// View reads what the API server trusts, for servingcert.Options. The reader must read from the API server
// and not from a cache. It needs permission to get each target.
type View struct {
	Reader  client.Reader
	Targets []Target
}

// Bundles returns the caBundle of each endpoint of each target that exists.
func (v View) Bundles(ctx context.Context) ([][]byte, error) {
	var bundles [][]byte
	var errs []error
	for _, t := range v.Targets {
		_, endpoints, err := t.read(ctx, v.Reader)
		errs = append(errs, err)
		for _, e := range endpoints {
			bundles = append(bundles, e.bundle)
		}
	}
	return bundles, errors.Join(errs...)
}
