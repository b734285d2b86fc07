// Package policyapi_test proves on a real control plane, through the real aggregator and with the shipped manifests,
// what the policy API answers to whom.
package policyapi_test

import (
	"os"
	"testing"

	"github.com/mullion-dev/mullion/test/integration/framework"
)

// Images of the catalog.
const (
	core2019 = "windows/servercore:ltsc2019"
	core2022 = "windows/servercore:ltsc2022"
	nginx    = "library/nginx:1.29"
)

// ClusterRoles that users are given.
const (
	reviewer = "mullion-placement-reviewer" // As shipped: may ask.
	editor   = "edit"                       // May ask, create pods and read secrets.
	viewer   = "view"                       // May read, but not secrets.
)

// shared is written by TestMain only.
var shared *framework.Suite

func TestMain(m *testing.M) {
	setup := framework.Setup{}
	setup.Install.WebhookReplicas = 2
	os.Exit(framework.Main(m, setup, func(s *framework.Suite) { shared = s }))
}

// newScene is a scene in which the policy API can be asked.
func newScene(t *testing.T) *framework.Scene {
	t.Helper()
	scene := shared.NewScene(t)
	scene.WaitForPolicyAPI()
	return scene
}
