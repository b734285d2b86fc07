// Package impact_test proves on a real control plane, with the shipped rights, that policies' statuses show who depends
// on their builds.
package impact_test

import (
	"os"
	"testing"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

// Short names of the fleet's builds.
const (
	ws2019 = framework.Build2019
	ws2022 = framework.Build2022
)

// Images of the catalog.
const (
	core2019 = "windows/servercore:ltsc2019"
	iisBoth  = "windows/servercore/iis:latest"
)

// shared is written by TestMain only.
var shared *framework.Suite

func TestMain(m *testing.M) {
	// Often enough for a test to wait for.
	setup := framework.Setup{Install: install.Options{NodeManagerArgs: []string{"--workload-interval=1s"}}}
	os.Exit(framework.Main(m, setup, func(s *framework.Suite) { shared = s }))
}
