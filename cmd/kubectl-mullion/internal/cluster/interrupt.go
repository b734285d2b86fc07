package cluster

import (
	"context"
	"io"
	"net/http"

	"k8s.io/client-go/transport"
)

// endWith makes requests end when the context does. Discovery and the resource builder take no context, so that
// without this nobody could interrupt them.
func endWith(ctx context.Context) transport.WrapperFunc {
	return func(next http.RoundTripper) http.RoundTripper { return &interruptible{ctx, next} }
}

type interruptible struct {
	ctx  context.Context //nolint:containedctx // It is that of the command, and handing it on is the purpose.
	next http.RoundTripper
}

// RoundTrip makes a request that ends when either its own context or that of the command does.
func (i *interruptible) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	stop := context.AfterFunc(i.ctx, func() { cancel(context.Cause(i.ctx)) }) //nolint:contextcheck // It ends with both.
	release := func() {
		stop()
		cancel(nil)
	}
	response, err := i.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		release()
		return nil, err //nolint:wrapcheck // A transport passes on what its own transport says.
	}
	response.Body = &body{response.Body, release}
	return response, nil
}

// WrappedRoundTripper lets client-go find the transport below, which it asks to cancel requests.
func (i *interruptible) WrappedRoundTripper() http.RoundTripper { return i.next }

// body is the body of a response, whose context is needed until it has been read.
type body struct {
	io.ReadCloser
	release func()
}

func (b *body) Close() error {
	defer b.release()
	return b.ReadCloser.Close() //nolint:wrapcheck // As above.
}
