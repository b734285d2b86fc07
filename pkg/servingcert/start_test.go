package servingcert

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"k8s.io/apimachinery/pkg/util/wait"
)

func TestStartKeepsPassingUntilItsContextEnds(t *testing.T) {
	c := newCluster(t)
	s := c.replica()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Start(ctx) }()

	// The timer of the fake clock only moves when it is told to.
	waiting := func() {
		t.Helper()
		eventually(t, "the loop waits", c.clock.HasWaiters)
	}
	eventually(t, "the first pass", func() bool { c.clock.Step(0); return s.serving.Load() != nil })
	waiting()
	c.inject()
	eventually(t, "a pass that sees the CA trusted", func() bool {
		c.clock.Step(DefaultRetryInterval)
		return s.Ready(nil) == nil
	})
	waiting()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestTheNextPassIsSoonWhileNotReadyAndLaterOnceReady(t *testing.T) {
	c := newCluster(t)
	s := c.replica()
	if got := s.pass(t.Context()); got != DefaultRetryInterval {
		t.Errorf("not ready: next pass after %s", got)
	}
	c.inject()
	if got := s.pass(t.Context()); got != DefaultInterval {
		t.Errorf("ready: next pass after %s", got)
	}
	c.deleteSecret()
	other := c.replica()
	c.before = func() { c.sync(other) }
	if got := s.pass(t.Context()); got != DefaultRetryInterval {
		t.Errorf("after losing a race: next pass after %s", got)
	}
}

func TestAProblemIsLoggedWhenItBeginsAndWhenItEnds(t *testing.T) {
	c := newCluster(t)
	var lines []string
	options := c.options()
	options.Log = funcr.New(func(_, line string) { lines = append(lines, line) }, funcr.Options{})
	s, err := NewSource(options)
	if err != nil {
		t.Fatal(err)
	}
	c.settle(s)
	lines = nil
	c.down = true
	for range 5 {
		s.pass(t.Context())
	}
	c.down = false
	for range 5 {
		s.pass(t.Context())
	}
	if len(lines) != 2 || !strings.Contains(lines[0], errDown.Error()) || !strings.Contains(lines[1], "again") {
		t.Errorf("logged %d lines: %q", len(lines), lines)
	}
}

// eventually asks again until done is true, for as long as a busy machine may need.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	condition := func(context.Context) (bool, error) { return done(), nil }
	if err := wait.PollUntilContextTimeout(t.Context(), 5*time.Millisecond, time.Minute, true, condition); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}
