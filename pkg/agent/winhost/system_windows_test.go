package winhost

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

func TestALockEndsWithItsProcess(t *testing.T) {
	path := directory(t).Join("lock")
	kill := other(t, self(t), asHolder, string(path))
	_, err := system{}.Lock(t.Context(), path, "us")
	var locked *host.LockedError
	if !errors.As(err, &locked) || locked.Holder != "the other process" || locked.Path != path {
		t.Fatalf("got %v", err)
	}
	kill()
	unlock, err := lockWithin(testContext(t), func() (func() error, error) { return system{}.Lock(t.Context(), path, "us") })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (system{}).Lock(t.Context(), path, "us again"); !errors.As(err, &locked) || locked.Holder != "us" {
		t.Errorf("locking it twice: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := (files{}).Stat(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is left: %v", err)
	}
}

// lockWithin waits until a process that was killed is gone.
func lockWithin(ctx context.Context, lock func() (func() error, error)) (unlock func() error, err error) {
	err = errors.Join(poll(ctx, func() (bool, error) {
		unlock, err = lock()
		return err == nil, nil
	}), err)
	return unlock, err
}

func TestALockThatALossOfPowerHasLeftIsNone(t *testing.T) {
	path := directory(t).Join("lock")
	write(t, path, "somebody, long ago\n", true)
	unlock, err := system{}.Lock(t.Context(), path, "us")
	if err != nil {
		t.Fatal(err)
	}
	if got := readHolder(path); got != "us" {
		t.Errorf("the holder is %q", got)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

func TestTheHostnameIsPendingUntilTheNextBoot(t *testing.T) {
	before, err := system{}.Facts(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = system{}.SetHostname(context.Background(), before.Hostname) })
	for _, name := range []string{"renamed", "a-name-longer-than-netbios"} {
		if err := (system{}).SetHostname(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		facts, err := system{}.Facts(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.EqualFold(facts.Hostname, before.Hostname) || !strings.EqualFold(facts.PendingHostname, name) {
			t.Errorf("%s: the name is %s, and %q is pending", name, facts.Hostname, facts.PendingHostname)
		}
	}
	if err := (system{}).SetHostname(t.Context(), before.Hostname); err != nil {
		t.Fatal(err)
	}
	if facts, err := (system{}).Facts(t.Context(), nil); err != nil || facts.PendingHostname != "" {
		t.Errorf("set back, %q is pending, error %v", facts.PendingHostname, err)
	}
}

func TestFlushAndWait(t *testing.T) {
	if err := (system{}).Flush(t.Context()); err != nil {
		t.Error(err)
	}
	if err := (system{}).Wait(t.Context(), time.Millisecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (system{}).Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestEventsAreWrittenAndTheSourceCanBeRemoved(t *testing.T) {
	const source = "mullion-test"
	t.Cleanup(func() { _ = RemoveEventSource(source) })
	for range 2 {
		log, err := OpenEventLog(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(log.Info("a test"), log.Warning("a test"), log.Error("a test"), log.Close()); err != nil {
			t.Error(err)
		}
		if !hasMachineKey(eventSources + source) {
			t.Error("the source is not known")
		}
	}
	for range 2 {
		if err := RemoveEventSource(source); err != nil {
			t.Error(err)
		}
	}
	if hasMachineKey(eventSources + source) {
		t.Error("the source is still known")
	}
}
