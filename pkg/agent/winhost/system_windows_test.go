package winhost

import (
	"errors"
	"testing"
)

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
