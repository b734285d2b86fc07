// Package placement_test proves on a real control plane, with the shipped manifests and the real processes,
// where Windows pods land and what their users read.
package placement_test

import (
	"os"
	"testing"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

// Short names of the fleet's builds.
const (
	ws2019 = framework.Build2019
	ws2022 = framework.Build2022
	ws2025 = framework.Build2025
)

// Images of the catalog.
const (
	core2019 = "windows/servercore:ltsc2019"
	core2022 = "windows/servercore:ltsc2022"
	core2025 = "windows/servercore:ltsc2025"
	nginx    = "library/nginx:1.29"
)

// shared is written by TestMain only.
var shared *framework.Suite

func TestMain(m *testing.M) {
	os.Exit(framework.Main(m, framework.Setup{Finally: expectCleanLogs}, func(s *framework.Suite) { shared = s }))
}
