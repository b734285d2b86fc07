package winhost

import (
	"testing"
	"time"
)

func TestTellingProgramsOfTheEnvironmentTakesNoTime(t *testing.T) {
	started := time.Now()
	broadcastEnvironment()
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}
