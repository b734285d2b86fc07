package drain_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/gate"
	"github.com/mullion-dev/mullion/pkg/image"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
	"github.com/mullion-dev/mullion/test/integration/framework"
	testregistry "github.com/mullion-dev/mullion/test/registry"
)

func TestANodeIsKeptUntilTheImageOfItsPodsIsBuiltForAnotherBuild(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2019, ws2022)
	push(t, "shop/web:1.4", "10.0.17763.6293")
	push(t, "shop/web:1.5", "10.0.17763.6293", "10.0.20348.2700")
	spec := framework.Windows(shared.Image("shop/web:1.4"))
	deploy(scene, "web", 2, spec)
	asked := newGate(t)

	closed := askUntil(scene, asked, framework.Node2019, false)
	pod := scene.Namespace + "/web-"
	framework.ExpectText(scene, closed.Message, "pod "+pod, " of Deployment/web would have nowhere to go: "+
		fmt.Sprintf("image %q is built for 10.0.17763 (Windows Server 2019) only, and no other node that it runs on would take the pod; ", shared.Image("shop/web:1.4"))+
		"build it for 10.0.20348 (Windows Server 2022) too, or add a node of 10.0.17763 (Windows Server 2019) that takes the pod; and 1 more pod has nowhere to go")
	if other := askUntil(scene, asked, framework.Node2022, true); other.Message != "no pod has to go elsewhere" {
		t.Errorf("of the other node: %s", other.Message)
	}

	scene.SetImage("web", shared.Image("shop/web:1.5"))
	waitForRollout(scene, "web")
	if nodes := waitForRunning(scene, "web", 2); slices.Contains(nodes, framework.Node2022) {
		t.Fatalf("the pods are on %v", nodes)
	}
	if open := askUntil(scene, asked, framework.Node2019, true); open.Message != "2 pods have somewhere to go" {
		t.Errorf("when it is open: %s", open.Message)
	}

	drainer := newDrainer(t, 0)
	cordon(scene, drainer, framework.Node2019)
	t.Cleanup(func() {
		if err := drainer.Uncordon(context.Background(), framework.Node2019); err != nil {
			t.Error(err)
		}
	})
	stepUntil(scene, drainer, framework.Node2019, usual(), "the node is drained", done)
	if nodes := waitForRunning(scene, "web", 2); slices.Contains(nodes, framework.Node2019) {
		t.Errorf("the pods are on %v", nodes)
	}
}

// newGate makes a gate over what the node manager follows of the cluster, and asks the suite's registry.
func newGate(t *testing.T) *gate.Gate {
	t.Helper()
	config := nodeManager(t)
	reader, err := client.New(config, client.Options{Scheme: shared.Client.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	tracker := follow(t, config)
	g, err := gate.New(gate.Options{
		Reader: reader,
		Snapshot: func() *policy.Snapshot {
			if !tracker.Synced() {
				return nil
			}
			return tracker.Snapshot()
		},
		Images:   newResolver(t),
		Registry: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// follow follows the cluster's policies and nodes until the test ends.
func follow(t *testing.T, config *rest.Config) *clusterstate.Tracker {
	t.Helper()
	options := clusterstate.CacheOptions(clusterstate.ForPlacement)
	options.Scheme = shared.Client.Scheme()
	informers, err := cache.New(config, options)
	if err != nil {
		t.Fatal(err)
	}
	tracker, err := clusterstate.New(informers, clusterstate.Options{Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- informers.Start(ctx) }()
	go func() { ended <- tracker.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Error(err)
		}
	})
	return tracker
}

// resolver asks for images without credentials.
type resolver struct{ *image.Resolver }

func (r resolver) Facts(ctx context.Context, _ *workload.Pod, references []string, _ bool) map[string]policy.ImageResult {
	return r.ResolveAll(ctx, references, nil)
}

func newResolver(t *testing.T) resolver {
	t.Helper()
	asking := registry.NewClient(registry.Options{InsecureHosts: []string{shared.Registry.Host()}})
	r, err := image.New(image.Options{Client: asking, Budget: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); asking.Close() })
	return resolver{r}
}

// askUntil asks until the gate is as expected: policies are followed a moment later.
func askUntil(scene *framework.Scene, g *gate.Gate, node string, open bool) gate.Verdict {
	scene.T.Helper()
	var verdict gate.Verdict
	scene.Eventually(fmt.Sprintf("the gate of %s is open: %v", node, open), func(ctx context.Context) (bool, error) {
		var err error
		if verdict, err = g.Ask(ctx, node); err != nil {
			return false, err
		}
		return verdict.Open == open, errors.New(verdict.Message)
	})
	return verdict
}

func push(t *testing.T, name string, versions ...string) {
	t.Helper()
	index, err := testregistry.WindowsIndex(versions...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shared.Registry.Push(t.Context(), name, index); err != nil {
		t.Fatal(err)
	}
}

// waitForRollout waits until all pods of a Deployment are of its template.
func waitForRollout(scene *framework.Scene, name string) {
	scene.T.Helper()
	scene.Eventually("the rollout of "+name+" is over", func(ctx context.Context) (bool, error) {
		deployment, err := scene.User.AppsV1().Deployments(scene.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		status := &deployment.Status
		over := status.ObservedGeneration == deployment.Generation && status.Replicas == status.UpdatedReplicas &&
			status.Replicas == status.AvailableReplicas
		return over, fmt.Errorf("its status is %+v", status)
	})
}
