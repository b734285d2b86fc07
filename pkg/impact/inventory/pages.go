package inventory

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// PageSize is how many objects are listed with one request.
const PageSize = 500

// eachPage lists objects page by page. Every page is a new list: what is decoded into one that was used keeps what was
// in it before.
func eachPage[L client.ObjectList](ctx context.Context, reader client.Reader, newList func() L, visit func(L) error, options ...client.ListOption) error {
	for next := ""; ; {
		page := newList()
		if err := reader.List(ctx, page, append(options, client.Limit(PageSize), client.Continue(next))...); err != nil {
			return err
		}
		if err := visit(page); err != nil {
			return err
		}
		if next = page.GetContinue(); next == "" {
			return nil
		}
	}
}
