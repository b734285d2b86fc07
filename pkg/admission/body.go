package admission

import (
	"bytes"
	"errors"
	"net/http"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// readBody reads the body of the request into the empty buffer, up to limit bytes and until the deadline.
func readBody(w http.ResponseWriter, r *http.Request, into *bytes.Buffer, limit int64, deadline time.Time) *failure {
	tooLarge := func() *failure {
		return badRequest(http.StatusRequestEntityTooLarge, metav1.StatusReasonRequestEntityTooLarge,
			"the review is larger than the limit of %d bytes", limit)
	}
	if r.ContentLength > limit {
		return tooLarge()
	}
	unreadable := func(err error) *failure {
		return badRequest(http.StatusBadRequest, metav1.StatusReasonBadRequest, "reading the review: %v", err)
	}
	// A ResponseWriter that is not a server's own, as in tests, may have no deadlines, and no slow clients.
	if err := http.NewResponseController(w).SetReadDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return unreadable(err)
	}
	// One byte more than the body, or the buffer would double to find out that there is no more.
	into.Grow(int(min(max(r.ContentLength, 0), maxPooledBody)) + bytes.MinRead)
	if _, err := into.ReadFrom(http.MaxBytesReader(w, r.Body, limit)); err != nil {
		if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
			return tooLarge()
		}
		return unreadable(err)
	}
	return nil
}

// maxPooledBody is the largest buffer that is kept for another request: most reviews of pods are
// below 20 KiB, and one of 7 MiB should not cost its memory for good.
const maxPooledBody = 256 << 10

// bodyPool keeps buffers for bodies. Its zero value is ready for use.
type bodyPool struct{ buffers sync.Pool }

func (p *bodyPool) get() *bytes.Buffer {
	if buffer, ok := p.buffers.Get().(*bytes.Buffer); ok {
		return buffer
	}
	return new(bytes.Buffer)
}

func (p *bodyPool) put(buffer *bytes.Buffer) {
	if buffer.Cap() > maxPooledBody+bytes.MinRead {
		return
	}
	buffer.Reset()
	p.buffers.Put(buffer)
}
