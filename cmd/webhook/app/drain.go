package app

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

// drainTime is how long the server goes on answering once it is to stop. An API server that has anything to ask
// in this time moves to another replica.
const drainTime = 2 * time.Second

// drainingServer is a webhook server that sends its clients away before it closes. A connection that an
// http.Server closes because it has no request just then may be one on which an API server is sending the next:
// the call fails, and a pod is refused. While draining, each answer ends its connection in the orderly way
// instead, which HTTP/2 does by GOAWAY, and the next request finds another replica.
type drainingServer struct {
	webhook.Server
	drain   time.Duration
	leaving atomic.Bool
}

// Register serves a handler at a path.
func (s *drainingServer) Register(path string, handler http.Handler) {
	s.Server.Register(path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		handler.ServeHTTP(w, r)
	}))
}

// Start serves until the context ends, and then until the clients have been sent away.
func (s *drainingServer) Start(ctx context.Context) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	cancel := context.AfterFunc(ctx, func() {
		s.leaving.Store(true)
		select {
		case <-time.After(s.drain):
			stop()
		case <-serving.Done():
		}
	})
	defer cancel()
	return s.Server.Start(serving)
}
