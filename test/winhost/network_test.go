package winhost_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/winhost"
)

func TestAnUnpluggedHostIsSilentAndGoesOnWhenPluggedIn(t *testing.T) {
	host := start(t, winhost.Options{})
	client := dial(t, host)
	host.Unplug()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := host.Dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want silence", err)
	}
	host.Plug()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Run("exit 0"); err != nil {
		t.Errorf("the connection from before: %v", err)
	}
	output(t, host, "ver")
}

func TestAHostThatIsOffIsSilent(t *testing.T) {
	host := start(t, winhost.Options{})
	host.PowerCut()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := host.Dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want silence", err)
	}
}

func TestAHostBehindASlowLinkAnswersSlowly(t *testing.T) {
	host := start(t, winhost.Options{})
	const latency = 100 * time.Millisecond
	host.SlowLink(1<<20, latency)
	started := time.Now()
	output(t, host, "ver")
	if took := time.Since(started); took < 8*latency { // Handshake, authentication, channel, command.
		t.Errorf("took %s", took)
	}
	host.SlowLink(0, 0)
}
