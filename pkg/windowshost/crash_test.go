package windowshost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

var errCrash = errors.New("the process is dead")

// crash is a process that dies before the nth time that it writes to the API server or asks a host for something. Reads do
// not count: they change nothing. That it dies after an operation, and has not seen the outcome, is the same as that it
// dies before the next.
type crash struct {
	at, count   int
	armed, dead bool
}

func (c *crash) operation() error {
	if c.count++; c.armed && c.count == c.at {
		c.dead = true
	}
	if c.dead {
		return errCrash
	}
	return nil
}

// revive is the process, or another one, after a crash: it knows nothing of what the one before knew.
func (c *crash) revive(s *scene) {
	if c.dead {
		c.dead = false
		s.turns.given = nil
	}
}

// crashing is a scene in which the process dies once.
func crashing(t *testing.T, at int) (*scene, *crash) {
	t.Helper()
	s, c := newScene(t), &crash{at: at}
	s.machines = func(next Machines) Machines { return mortalMachines{next, c} }
	return s, c
}

// arm lets the next operation be the first.
func (c *crash) arm(s *scene) {
	c.armed, c.count = true, 0
	s.fault = func(string, runtime.Object) error { return c.operation() }
	s.beforePass = func() { c.revive(s) }
}

type mortalMachines struct {
	Machines
	*crash
}

func (m mortalMachines) Machine(target *ssh.Target) Machine {
	return mortalMachine{m.Machines.Machine(target), m.crash}
}

type mortalMachine struct {
	Machine
	*crash
}

func (m mortalMachine) Facts(ctx context.Context) (*state.Facts, Login, error) {
	if err := m.operation(); err != nil {
		return nil, Login{}, err
	}
	return m.Machine.Facts(ctx)
}

func (m mortalMachine) Apply(ctx context.Context, desired *state.Desired, contents remote.Contents) (*protocol.Result, error) {
	if err := m.operation(); err != nil {
		return nil, err
	}
	return m.Machine.Apply(ctx, desired, contents)
}

func (m mortalMachine) Remove(ctx context.Context, owner string, note func(string)) (*protocol.Result, error) {
	if err := m.operation(); err != nil {
		return nil, err
	}
	return m.Machine.Remove(ctx, owner, note)
}

func (m mortalMachine) RequestReboot(ctx context.Context) error {
	if err := m.operation(); err != nil {
		return err
	}
	return m.Machine.RequestReboot(ctx)
}

// end is what is left of a story, in a form that can be compared.
func (s *scene) end(h *fakeHost) []string {
	s.t.Helper()
	lines := slices.Sorted(maps.Keys(h.Machine.Snapshot()))
	lines = append(lines, fmt.Sprintf("turns held: %d", len(s.turns.given)))
	s.runKubelets()
	if !s.gone(h) {
		host := s.get(h)
		lines = append(lines, "phase "+string(host.Status.Phase), "boot "+host.Status.Facts.BootID,
			fmt.Sprintf("node %+v, out %t, has %s, way back %q", *host.Status.Node, host.Status.Disruption != nil,
				host.Status.Applied.KubernetesVersion, host.Status.Applied.Previous))
		for _, c := range host.Status.Conditions {
			lines = append(lines, fmt.Sprintf("condition %s %s %s", c.Type, c.Status, c.Reason))
		}
	}
	if node := s.node(h.node); node != nil {
		lines = append(lines, fmt.Sprintf("node's labels %v, unschedulable %t, taints %v", node.Labels, node.Spec.Unschedulable, node.Spec.Taints))
		lines = append(lines, fmt.Sprintf("node's annotations %v", slices.Sorted(maps.Keys(node.Annotations))))
	}
	var secrets corev1.SecretList
	if err := s.client.List(s.t.Context(), &secrets); err != nil {
		s.t.Fatal(err)
	}
	lines = append(lines, fmt.Sprintf("secrets %d", len(secrets.Items)))
	slices.Sort(lines)
	return lines
}

func ready(s *scene) *fakeHost {
	h := s.host("win-a")
	s.untilPhase(h, v1alpha1.HostReady)
	return h
}

func TestAProcessThatDiesAnywhereIsFollowedByOneThatGoesOn(t *testing.T) {
	for sentence, test := range map[string]struct {
		begin  func(*scene) *fakeHost
		change func(*scene, *fakeHost)
		wait   func(*scene, *fakeHost)
	}{
		"a host joins": {
			begin:  func(s *scene) *fakeHost { return s.host("win-a") },
			change: func(*scene, *fakeHost) {},
			wait:   func(s *scene, h *fakeHost) { s.untilPhase(h, v1alpha1.HostReady) },
		},
		"a host is changed": {
			begin:  ready,
			change: func(s *scene, _ *fakeHost) { s.changeConfig(setVersion("v1.37.3")) },
			wait:   func(s *scene, h *fakeHost) { s.untilReadyAt(h, 2) },
		},
		"a host is restarted": {
			begin:  ready,
			change: func(s *scene, h *fakeHost) { s.askForReboot(h) },
			wait: func(s *scene, h *fakeHost) {
				s.until(h, "restarted", func(host *v1alpha1.WindowsHost) bool {
					return host.Status.Phase == v1alpha1.HostReady && host.Status.Facts.BootID == "boot-3" && host.Status.Disruption == nil
				})
			},
		},
		"a host is given back": {
			begin:  ready,
			change: func(s *scene, h *fakeHost) { s.deleteHost(h) },
			wait:   func(s *scene, h *fakeHost) { s.untilGone(h) },
		},
		"a host is taken back from a change": {
			begin: ready,
			change: func(s *scene, _ *fakeHost) {
				s.kubelets, s.options.VerifyTimeout = notReadyWith("v1.37.3"), time.Minute
				s.changeConfig(setVersion("v1.37.3"))
			},
			wait: func(s *scene, h *fakeHost) {
				s.until(h, "taken back", func(host *v1alpha1.WindowsHost) bool {
					return host.Status.Phase == v1alpha1.HostReady && host.Status.Applied.RolledBackFrom != ""
				})
			},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			tell := func(at int) ([]string, *crash) {
				s, c := crashing(t, at)
				h := test.begin(s)
				test.change(s, h)
				c.arm(s)
				test.wait(s, h)
				return s.end(h), c
			}
			want, c := tell(0)
			operations := c.count
			if operations < 5 {
				t.Fatalf("nothing happens: %d operations", operations)
			}
			for at := 1; at <= operations; at += crashStride {
				if got, _ := tell(at); !slices.Equal(want, got) {
					t.Errorf("the process died before operation %d of %d, and the end is another:\n%s", at, operations, cmp.Diff(want, got))
				}
			}
			t.Logf("%d operations", operations)
		})
	}
}

// notReadyWith lets the kubelet of a version never be Ready.
func notReadyWith(kubernetes string) func(*corev1.Node) {
	return func(n *corev1.Node) {
		if n.Status.NodeInfo.KubeletVersion == kubernetes {
			n.Status.Conditions[0].Status = corev1.ConditionFalse
			n.Status.Conditions[0].Message = "the network is not ready"
		}
	}
}

// untilReadyAt waits for a host that has a generation of its configuration.
func (s *scene) untilReadyAt(h *fakeHost, generation int64) *v1alpha1.WindowsHost {
	s.t.Helper()
	return s.until(h, fmt.Sprintf("Ready with generation %d", generation), func(host *v1alpha1.WindowsHost) bool {
		return host.Status.Phase == v1alpha1.HostReady && host.Status.Applied.NodeConfigGeneration == generation &&
			host.Status.Disruption == nil
	})
}

func (s *scene) askForReboot(h *fakeHost) {
	s.changeNode(h.node, func(n *corev1.Node) {
		n.Annotations[v1alpha1.AnnotationRebootRequired] = "true"
	})
}

func (s *scene) asksForReboot(h *fakeHost) bool {
	_, asks := s.node(h.node).Annotations[v1alpha1.AnnotationRebootRequired]
	return asks
}
