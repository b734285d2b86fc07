// Package kubectl_test proves on a real control plane, through the real aggregator, what users of different rights
// are told by the plugin of kubectl.
package kubectl_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/app"
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
	core2022 = "windows/servercore:ltsc2022"
	iisBoth  = "windows/servercore/iis:latest"
	nginx    = "library/nginx:1.29"
)

// ClusterRoles that users are given.
const (
	editor = "edit" // May ask, make workloads and read secrets.
	viewer = "view" // May read workloads, and not ask.
)

// shared is written by TestMain only.
var shared *framework.Suite

func TestMain(m *testing.M) {
	var setup framework.Setup
	setup.Install.NodeManagerArgs = []string{"--workload-interval=1s"} // So that the fleet shows who depends on a build.
	os.Exit(framework.Main(m, setup, func(s *framework.Suite) { shared = s }))
}

// newScene is a scene in which the policy server can be asked.
func newScene(t *testing.T) *framework.Scene {
	t.Helper()
	scene := shared.NewScene(t)
	scene.WaitForPolicyAPI()
	return scene
}

// result is what a run of the plugin came to.
type result struct {
	code        int
	out, errOut string
}

// mullion runs the plugin as somebody, by the path of a kubeconfig.
func mullion(scene *framework.Scene, kubeconfig, stdin string, args ...string) result {
	return mullionIn(scene.T.Context(), scene, kubeconfig, stdin, args...)
}

func mullionIn(ctx context.Context, scene *framework.Scene, kubeconfig, stdin string, args ...string) result {
	scene.T.Setenv("KUBECACHEDIR", scene.T.TempDir())
	var out, errOut bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &out, ErrOut: &errOut}
	args = append([]string{"kubectl-mullion"}, args...)
	code := app.Run(ctx, append(args, "--kubeconfig", kubeconfig), streams)
	return result{code, out.String(), errOut.String()}
}

// eventually runs the plugin until it ends with an exit code: who was given a right a moment ago may have to wait until
// it is known, and pods run a moment after they were asked for.
func eventually(scene *framework.Scene, code int, kubeconfig, stdin string, args ...string) result {
	scene.T.Helper()
	var last result
	scene.Eventually("the plugin ends as it should", func(ctx context.Context) (bool, error) {
		last = mullionIn(ctx, scene, kubeconfig, stdin, args...)
		return last.code == code, &unexpected{last}
	})
	return last
}

// unexpected is the error about a run that ended otherwise than it should.
type unexpected struct{ result }

func (u *unexpected) Error() string { return "it printed\n" + u.out + u.errOut }

// expect fails the test unless a text has all fragments.
func expect(t *testing.T, text string, fragments ...string) {
	t.Helper()
	for _, fragment := range fragments {
		if !strings.Contains(text, fragment) {
			t.Errorf("%q is not in:\n%s", fragment, text)
		}
	}
}
