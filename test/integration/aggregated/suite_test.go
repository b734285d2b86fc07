// Package aggregated_test proves on a real control plane that admission is the same where API servers send their
// reviews through the aggregated policy API, as the overlay aggregated-admission has it.
package aggregated_test

import (
	"os"
	"testing"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

// Images of the catalog.
const (
	core2022 = "windows/servercore:ltsc2022"
	core2025 = "windows/servercore:ltsc2025"
	nginx    = "library/nginx:1.29"
)

// shared is written by TestMain only.
var shared *framework.Suite

func TestMain(m *testing.M) {
	setup := framework.Setup{Install: install.Options{Overlay: install.AggregatedAdmission}}
	os.Exit(framework.Main(m, setup, func(s *framework.Suite) { shared = s }))
}
