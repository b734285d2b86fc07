package lacking_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/mullion-dev/mullion/test/lacking"
)

// watched is a test that tells how it ended.
type watched struct {
	testing.TB
	end string
}

func (*watched) Helper() {}

func (w *watched) Skip(...any) {
	w.end = "skipped"
	runtime.Goexit()
}

func (w *watched) Fatalf(string, ...any) {
	w.end = "failed"
	runtime.Goexit()
}

func TestALackSkipsATestUnlessTheMachineIsToHaveEverything(t *testing.T) {
	for refused, want := range map[string]string{"": "skipped", "1": "failed"} {
		t.Setenv(lacking.Refused, refused)
		w := &watched{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			lacking.Skip(w, errors.New("no Windows hosts"))
		}()
		if <-done; w.end != want {
			t.Errorf("with %s=%q the test is %q, want %q", lacking.Refused, refused, w.end, want)
		}
	}
}
