// Package openshift tests what is different where OpenShift makes the machines: the shipped components openshift and
// machinesets, with their rights, on a real control plane that has its machine API. The machines are hosts in this process.
package openshift

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// Versions of bundles. The control plane is of the second.
const (
	current = "v1.36.1"
	next    = "v1.36.3"
)

// What tests share: the suite, the machines, and bundles by version.
var (
	shared  *framework.Suite
	fleet   *scriptedhosts.Fleet
	bundles = map[string]string{}
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if fleet, err = scriptedhosts.New(scriptedhosts.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return framework.Main(m, framework.Setup{
		Fleet:  []hollow.NodeSpec{{Name: framework.NodeLinux}},
		Before: giveMachineAPI,
		Install: install.Options{
			Hosts:           true,
			Components:      []string{"manifests/components/openshift", "manifests/components/machinesets"},
			NodeManagerArgs: []string{"--host-resync=30s", "--machines-trust-on-first-use"},
		},
		Finally: fleet.Close,
	}, prepare)
}

// giveMachineAPI makes the cluster one that could be OpenShift's, as far as machines go.
func giveMachineAPI(ctx context.Context, cluster *localcluster.Cluster) error {
	if _, err := cluster.Kubectl(ctx, nil, "apply", "--server-side", "-f", "testdata/machines.yaml"); err != nil {
		return err
	}
	_, err := cluster.Kubectl(ctx, nil, "wait", "--for=condition=Established", "--timeout=1m", "crd", "--all")
	return err
}

// prepare pushes the bundles, and lets the node manager have the key of all machines.
func prepare(s *framework.Suite) {
	shared = s
	for _, version := range []string{current, next} {
		pushed, err := scriptedhosts.PushBundle(context.Background(), s.Registry.Host()+"/windows/node", version)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		bundles[version] = pushed
	}
	if err := s.Client.Create(context.Background(), fleet.Secret(install.Namespace, "cloud-private-key")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
