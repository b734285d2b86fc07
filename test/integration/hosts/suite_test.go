// Package hosts tests what becomes of WindowsHosts: real hosts under Wine, on which the node manager with its shipped rights
// makes nodes of the real control plane.
package hosts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/nodebundle"
	"github.com/mullion-dev/mullion/test/winhost"
)

// shared is the suite; nil where this machine can have no Windows hosts, for the reason.
var (
	shared *framework.Suite
	reason error
)

// The bundles that hosts are given: two that differ by a file.
var bundle, nextBundle string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	_, err := winhost.Setup(context.Background(), winhost.SetupOptions{Log: os.Stderr})
	if errors.As(err, new(*winhost.UnavailableError)) {
		fmt.Fprintln(os.Stderr, "SKIPPING ALL TESTS ON WINDOWS HOSTS:", err)
		reason = err
		return m.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return framework.Main(m, framework.Setup{
		Fleet: []hollow.NodeSpec{{Name: framework.NodeLinux}},
		Install: install.Options{
			Hosts: true,
			NodeManagerArgs: []string{
				"--host-resync=20s", "--verify-timeout=1m", "--join-timeout=2m",
			},
		},
	}, prepare)
}

// prepare pushes the bundles.
func prepare(s *framework.Suite) {
	for reference, files := range map[*string]map[string][]byte{
		&bundle:     nil,
		&nextBundle: {"tools/note.txt": []byte("the next version")},
	} {
		pushed, err := nodebundle.Push(context.Background(), s.Registry.Host()+"/windows/node", nodebundle.Options{Files: files})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		*reference = pushed
	}
	shared = s
}
