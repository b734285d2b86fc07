package exporter

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// named is what every apply configuration has.
type named interface{ GetName() *string }

// apply counts what is applied, and fails where the test says so.
func (c *cluster) apply(ctx context.Context, to client.WithWatch, object runtime.ApplyConfiguration, options ...client.ApplyOption) error {
	c.writes++
	if n, ok := object.(named); ok && c.fail != nil {
		if err := c.fail(*n.GetName()); err != nil {
			return err
		}
	}
	return to.Apply(ctx, object, options...)
}

// remove counts what is deleted.
func (c *cluster) remove(ctx context.Context, from client.WithWatch, object client.Object, options ...client.DeleteOption) error {
	c.writes++
	return from.Delete(ctx, object, options...)
}
