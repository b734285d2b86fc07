// Package drain_test proves on a real control plane, with the shipped rights, that nodes are drained without taking more
// than pods and budgets grant, and that the gate keeps those whose pods would have nowhere to go.
package drain_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
)

// Short names of the fleet's builds.
const (
	ws2019 = framework.Build2019
	ws2022 = framework.Build2022
)

// shared is written by TestMain only.
var shared *framework.Suite

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard()) // Else controller-runtime complains.
	os.Exit(framework.Main(m, framework.Setup{Before: giveRights}, func(s *framework.Suite) { shared = s }))
}

// giveRights gives the node manager the rights that it has by the manifests where it looks after hosts. An API server learns
// of rights a moment after it was told: by the time of the first test it has.
func giveRights(ctx context.Context, cluster *localcluster.Cluster) error {
	rights := filepath.Join("..", "..", "..", "manifests", "components", "hosts", "rbac.yaml")
	_, err := cluster.Kubectl(ctx, nil, "apply", "-f", rights)
	return err
}

// nodeManager is how the node manager reaches the API server.
func nodeManager(t *testing.T) *rest.Config {
	t.Helper()
	account, err := shared.Cluster.ServiceAccount(t.Context(), install.Namespace, "mullion-nodemanager")
	if err != nil {
		t.Fatal(err)
	}
	return account.RESTConfig()
}

// newDrainer makes a drainer whose clock is ahead of the API server's.
func newDrainer(t *testing.T, ahead time.Duration) *drain.Drainer {
	t.Helper()
	client, err := kubernetes.NewForConfig(nodeManager(t))
	if err != nil {
		t.Fatal(err)
	}
	var now clock.PassiveClock = clock.RealClock{}
	if ahead > 0 {
		now = clocktesting.NewFakePassiveClock(time.Now().Add(ahead))
	}
	d, err := drain.New(client, now, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stepUntil steps until what is left is as expected, and returns it. Every step has to be quick.
func stepUntil(scene *framework.Scene, d *drain.Drainer, node string, o drain.Options, what string, holds func(*drain.Progress) bool) drain.Progress {
	scene.T.Helper()
	var progress drain.Progress
	scene.Eventually(what, func(ctx context.Context) (bool, error) {
		began := time.Now()
		var err error
		if progress, err = d.Step(ctx, node, o); err != nil {
			return false, err
		}
		if took := time.Since(began); took > 20*time.Second {
			scene.T.Errorf("a step took %s", took)
		}
		return holds(&progress), &leftError{&progress}
	})
	return progress
}

// leftError is the error that says how far a drain is.
type leftError struct{ progress *drain.Progress }

func (e *leftError) Error() string { return e.progress.Message() }

func done(p *drain.Progress) bool { return p.Done }

// blockedBy tells that pods stay, and all for the same reason.
func blockedBy(reason drain.Reason) func(*drain.Progress) bool {
	return func(p *drain.Progress) bool {
		for i := range p.Blocked {
			if p.Blocked[i].Reason != reason {
				return false
			}
		}
		return len(p.Blocked) > 0
	}
}
