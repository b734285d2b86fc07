// Package fleet tests what becomes of many WindowsHosts at once, and of few when everything breaks at the worst moment:
// the node manager with its shipped rights, a real control plane, and hosts in this process.
package fleet

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// Versions of bundles, from the oldest. The control plane is of the version of next; kubelets of broken never get Ready.
const (
	current = "v1.36.1"
	broken  = "v1.36.2"
	next    = "v1.36.3"
)

// What tests share: the suite, the hosts, and bundles by version.
var (
	shared  *framework.Suite
	fleet   *scriptedhosts.Fleet
	bundles = map[string]string{}
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	log.SetLogger(logr.Discard()) // What tests have to say of a fault is in their own words.
	var err error
	fleet, err = scriptedhosts.New(scriptedhosts.Options{Unready: func(version string) bool { return version == broken }})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return framework.Main(m, framework.Setup{
		Fleet: []hollow.NodeSpec{{Name: framework.NodeLinux}},
		Install: install.Options{
			Hosts: true, NodeManagerReplicas: 2,
			// Long enough for a machine that is slow, short enough to be waited for.
			NodeManagerArgs: []string{"--verify-timeout=1m", "--reboot-timeout=1m"},
		},
		Finally: fleet.Close,
	}, prepare)
}

// prepare pushes the bundles.
func prepare(s *framework.Suite) {
	shared = s
	for _, version := range []string{current, broken, next} {
		pushed, err := scriptedhosts.PushBundle(context.Background(), s.Registry.Host()+"/windows/node", version)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		bundles[version] = pushed
	}
}
