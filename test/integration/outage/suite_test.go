// Package outage_test takes parts of a running installation away: what has nothing to do with Windows must not
// notice, and what has must heal by itself.
package outage_test

import (
	"os"
	"testing"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

const (
	ws2022   = framework.Build2022
	core2022 = "windows/servercore:ltsc2022"
	core2025 = "windows/servercore:ltsc2025"
	nginx    = "library/nginx:1.29"
)

// shared is written by TestMain only.
var shared *framework.Suite

// Two replicas of each program, as shipped.
func TestMain(m *testing.M) {
	setup := framework.Setup{Install: install.Options{WebhookReplicas: 2, NodeManagerReplicas: 2}}
	os.Exit(framework.Main(m, setup, func(s *framework.Suite) { shared = s }))
}
