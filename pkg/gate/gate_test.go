package gate

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestWhatTheGateSays(t *testing.T) {
	both := []v1alpha1.BuildRule{{Build: ws2022}, {Build: ws2019}}
	retired := []v1alpha1.BuildRule{{Build: ws2022}, {Build: ws2019, State: v1alpha1.BuildRetired}}
	away := func(n policy.Node) policy.Node {
		n.Ready = false
		return n
	}
	one := []policy.Node{node("a19", ws2019), node("a22", ws2022)}
	two := []policy.Node{node("a19", ws2019), node("b19", ws2019), node("a22", ws2022)}
	for sentence, c := range map[string]struct {
		nodes  []policy.Node
		builds []v1alpha1.BuildRule
		run    func(*server)
		ask    []string
		want   string
	}{
		"an empty node may go": {
			run: func(*server) {}, want: "no pod has to go elsewhere",
		},
		"a node may go whose pods can go elsewhere": {
			run:  func(s *server) { s.run("shop", "web", windows("core:all"), "a19", "a19", "a22") },
			want: "2 pods have somewhere to go",
		},
		"pods without a policy keep no node": {
			run: func(s *server) {
				s.run("nobody", "web", windows("core:2019"), "a19")
				s.run("shop", "web", windows("core:all"), "a19")
			},
			want: "1 pod has somewhere to go; 1 pod has no policy and is not judged",
		},
		"an image for this build only keeps its last node": {
			run: func(s *server) { s.run("shop", "web", windows("core:2019"), "a19") },
			want: `pod shop/web-7c9-0 of Deployment/web would have nowhere to go: image "core:2019" is built for 10.0.17763 (Windows Server 2019) only, ` +
				`and no other node that it runs on would take the pod; build it for 10.0.20348 (Windows Server 2022) too, or add a node of 10.0.17763 (Windows Server 2019) that takes the pod`,
		},
		"another node of the build is somewhere to go": {
			nodes: two, run: func(s *server) { s.run("shop", "web", windows("core:2019"), "a19") },
			want: "1 pod has somewhere to go",
		},
		"even if it is not Ready just now": {
			nodes: []policy.Node{node("a19", ws2019), away(node("b19", ws2019)), node("a22", ws2022)},
			run:   func(s *server) { s.run("shop", "web", windows("core:2019"), "a19") },
			want:  "1 pod has somewhere to go",
		},
		"but not if it goes as well": {
			nodes: two, ask: []string{"a19", "b19"}, run: func(s *server) { s.run("shop", "web", windows("core:2019"), "a19") },
			want: `pod shop/web-7c9-0 of Deployment/web would have nowhere to go: image "core:2019" is built for 10.0.17763 (Windows Server 2019) only, ` +
				`and no other node that it runs on would take the pod; build it for 10.0.20348 (Windows Server 2022) too, or add a node of 10.0.17763 (Windows Server 2019) that takes the pod`,
		},
		"nor if the build is retired": {
			nodes: two, builds: retired, run: func(s *server) { s.run("shop", "web", windows("core:2019"), "a19") },
			want: `pod shop/web-7c9-0 of Deployment/web would have nowhere to go: image "core:2019" is built for 10.0.17763 (Windows Server 2019) only, ` +
				`and the pod can run only on 10.0.17763 (Windows Server 2019), which policy "general" has retired; rebuild image "core:2019" for 10.0.20348 (base image tag ltsc2022)`,
		},
		"what a node alone offers keeps it": {
			nodes: []policy.Node{labelled(node("a19", ws2019), "disk", "ssd"), node("b19", ws2019)},
			run:   func(s *server) { s.run("shop", "db", selecting(windows("core:2019"), "disk", "ssd"), "a19") },
			want: `pod shop/db-7c9-0 of Deployment/db would have nowhere to go: it can run only on 10.0.17763 (Windows Server 2019), of which no other node would take it; ` +
				`keep or add a node of 10.0.17763 (Windows Server 2019) that the pods select and tolerate`,
		},
		"an image that cannot be inspected keeps the node": {
			run: func(s *server) { s.run("shop", "web", windows("core:down"), "a19") },
			want: `it cannot be told whether pod shop/web-7c9-0 of Deployment/web would have somewhere to go: image "core:down" could not be inspected: ` +
				`its registry does not answer; say which build the image is for with the label mullion.dev/windows-build`,
		},
		"the first is named, and how many more there are": {
			run: func(s *server) {
				s.run("shop", "web", windows("core:2019"), "a19", "a19")
				s.run("bank", "api", windows("core:2019"), "a19", "a19", "a19")
				s.run("bank", "dark", windows("core:down"), "a19")
			},
			want: `pod bank/api-7c9-0 of Deployment/api would have nowhere to go: image "core:2019" is built for 10.0.17763 (Windows Server 2019) only, ` +
				`and no other node that it runs on would take the pod; build it for 10.0.20348 (Windows Server 2022) too, or add a node of 10.0.17763 (Windows Server 2019) that takes the pod; ` +
				`and 4 more pods have nowhere to go; and of 1 more pod it cannot be told`,
		},
		"of several unknown the first is named": {
			run: func(s *server) { s.run("shop", "web", windows("core:down"), "a19", "a19", "a19") },
			want: `it cannot be told whether pod shop/web-7c9-0 of Deployment/web would have somewhere to go: image "core:down" could not be inspected: ` +
				`its registry does not answer; say which build the image is for with the label mullion.dev/windows-build; and of 2 more pods it cannot be told`,
		},
		"a pod of its own is named once": {
			run: func(s *server) {
				s.pods = append(s.pods, corev1.Pod{
					ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "by-hand"}, Spec: onNode("a19", selecting(windows("core:all"), corev1.LabelWindowsBuild, ws2019).Spec),
					Status: corev1.PodStatus{Phase: corev1.PodRunning},
				})
			},
			want: `pod shop/by-hand would have nowhere to go: it can run only on 10.0.17763 (Windows Server 2019), of which no other node would take it; ` +
				`keep or add a node of 10.0.17763 (Windows Server 2019) that the pods select and tolerate`,
		},
		"a DaemonSet's pods, and those that have ended, keep no node": {
			run: func(s *server) {
				s.run("shop", "agent", windows("core:2019"), "a19")
				s.pods[0].OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "DaemonSet", Name: "agent", Controller: ptr.To(true)}}
				s.run("shop", "once", windows("core:2019"), "a19")
				s.pods[1].Status.Phase = corev1.PodSucceeded
			},
			want: "no pod has to go elsewhere",
		},
		"a node that the fleet does not know is asked about all the same": {
			ask: []string{"new"}, run: func(s *server) { s.run("shop", "web", windows("core:2022"), "new") },
			want: "1 pod has somewhere to go",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			nodes, builds, asked := c.nodes, c.builds, c.ask
			if nodes == nil {
				nodes = one
			}
			if builds == nil {
				builds = both
			}
			if asked == nil {
				asked = []string{"a19"}
			}
			api, snapshot := &server{}, snapshotOf(t, nodes, builds...)
			c.run(api)
			got := ask(t, newGate(t, Options{Reader: api, Snapshot: func() *policy.Snapshot { return snapshot }}), asked...)
			if diff := cmp.Diff(c.want, got.Message); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if closed := len(got.Stranded)+len(got.Unknown) > 0; closed == got.Open {
				t.Errorf("open: %v, stranded %v, unknown %v", got.Open, got.Stranded, got.Unknown)
			}
		})
	}
}

func labelled(n policy.Node, key, value string) policy.Node {
	n.Labels[key] = value
	return n
}

func onNode(name string, spec corev1.PodSpec) corev1.PodSpec {
	spec.NodeName = name
	return spec
}

func TestWhatIsHeldIsToldInFull(t *testing.T) {
	api := &server{}
	api.run("shop", "web", windows("core:all", "core:2019"), "a19", "a19")
	snapshot := snapshotOf(t, []policy.Node{node("a19", ws2019), node("a22", ws2022)}, v1alpha1.BuildRule{Build: ws2022}, v1alpha1.BuildRule{Build: ws2019})
	got := ask(t, newGate(t, Options{Reader: api, Snapshot: func() *policy.Snapshot { return snapshot }}), "a19")
	if len(got.Stranded) != 1 {
		t.Fatalf("%+v", got)
	}
	held := got.Stranded[0]
	if held.Finding == nil || held.Finding.Reason != policy.ReasonNoReadyNode || held.Message == "" {
		t.Errorf("%+v", held)
	}
	held.Finding, held.Message = nil, ""
	if diff := cmp.Diff(Held{Namespace: "shop", Owner: held.Owner, Pod: "web-7c9-0", Pods: 2, Image: "core:2019"}, held); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if held.Owner.String() != "Deployment/web" {
		t.Errorf("the owner is %s", held.Owner)
	}
}

func TestARegistryThatDoesNotAnswerClosesTheGateInTime(t *testing.T) {
	api := &server{}
	api.run("shop", "web", windows("core:2022"), "a19")
	snapshot := snapshotOf(t, []policy.Node{node("a19", ws2019), node("a22", ws2022)}, v1alpha1.BuildRule{Build: ws2022}, v1alpha1.BuildRule{Build: ws2019})
	g := newGate(t, Options{Reader: api, Images: silent{}, ImageTimeout: 10 * time.Millisecond, Snapshot: func() *policy.Snapshot { return snapshot }})
	const want = `it cannot be told whether pod shop/web-7c9-0 of Deployment/web would have somewhere to go: image "core:2022" could not be inspected: ` +
		`its registry did not answer in time; say which build the image is for with the label mullion.dev/windows-build`
	if diff := cmp.Diff(want, ask(t, g, "a19").Message); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithoutAnAnswerThereIsAnError(t *testing.T) {
	snapshot := snapshotOf(t, []policy.Node{node("a19", ws2019)}, v1alpha1.BuildRule{Build: ws2019})
	for sentence, c := range map[string]struct {
		snapshot *policy.Snapshot
		api      *server
		want     string
	}{
		"before policies are known": {nil, &server{}, "asking whether the pods of a19, b19 have somewhere to go: policies and nodes have not been read yet"},
		"where pods cannot be read": {snapshot, &server{err: errAway}, "asking whether the pods of a19, b19 have somewhere to go: listing the pods of node a19: the API server is away"},
	} {
		t.Run(sentence, func(t *testing.T) {
			g := newGate(t, Options{Reader: c.api, Snapshot: func() *policy.Snapshot { return c.snapshot }})
			verdict, err := g.Ask(t.Context(), "a19", "b19")
			if err == nil || err.Error() != c.want || verdict.Open {
				t.Errorf("open: %v, %v", verdict.Open, err)
			}
		})
	}
}

func TestAnAnswerThatWasCutOffIsNone(t *testing.T) {
	api := &server{}
	api.run("shop", "web", windows("core:2022"), "a19")
	snapshot := snapshotOf(t, []policy.Node{node("a19", ws2019)}, v1alpha1.BuildRule{Build: ws2019})
	g := newGate(t, Options{Reader: api, Snapshot: func() *policy.Snapshot { return snapshot }})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if verdict, err := g.Ask(ctx, "a19"); !errors.Is(err, context.Canceled) || verdict.Open {
		t.Errorf("open: %v, %v", verdict.Open, err)
	}
}
