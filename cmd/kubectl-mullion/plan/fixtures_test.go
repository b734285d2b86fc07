package plan

import (
	"context"
	"flag"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

var _ = flag.Bool("update", false, "write the golden files anew")

// result is what a run came to.
type result struct {
	err         error
	code        int
	out, errOut string
}

// noon is the time of all tests.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func ago(d time.Duration) metav1.Time { return metav1.NewTime(noon().Add(-d)) }

// run runs the subcommand.
func run(ctx context.Context, args ...string) result {
	streams, _, out, errOut := genericiooptions.NewTestIOStreams()
	cmd := newCommand(streams, noon)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(out)
	cmd.SetArgs(append([]string{}, args...)) // Never nil, which would stand for those of the test.
	err := cmd.ExecuteContext(ctx)
	return result{err, exit.Code(err), out.String(), errOut.String()}
}

// newHost is a host that is as it shall be, and changes.
func newHost(namespace, name, address, build string, changes ...func(*v1alpha1.WindowsHost)) *v1alpha1.WindowsHost {
	host := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Generation: 2, CreationTimestamp: ago(100 * time.Hour)},
		Spec:       v1alpha1.WindowsHostSpec{Address: address, User: "Administrator"},
		Status: v1alpha1.WindowsHostStatus{
			ObservedGeneration: 2,
			Phase:              v1alpha1.HostReady,
			Step:               v1alpha1.StepRelease,
			Message:            "it is a Ready node, as the policy wants it",
			Policy:             "general",
			Facts:              &v1alpha1.HostFacts{Build: build, Revision: 2700, Edition: "ServerDatacenter", InstallationType: "Server Core"},
			Applied: &v1alpha1.AppliedConfiguration{
				NodeConfig: "production", NodeConfigGeneration: 4, KubernetesVersion: "v1.36.3", Time: ago(26 * time.Hour),
			},
			Node: &v1alpha1.HostNode{Name: name, Joined: true},
			Conditions: []metav1.Condition{
				{Type: v1alpha1.HostConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAsDesired, LastTransitionTime: ago(25 * time.Hour)},
			},
		},
	}
	for _, change := range changes {
		change(host)
	}
	return host
}

// stranding waits because a pod would have nowhere to go.
func stranding(host *v1alpha1.WindowsHost) {
	s := &host.Status
	s.Phase, s.Step = v1alpha1.HostWaiting, v1alpha1.StepClaim
	s.Message = `it waits to be retired: pod shop/cart-0 runs image "registry.example.com/shop/cart:1", which no other node can run; build it for 10.0.20348`
	s.Claim = &v1alpha1.HostClaim{
		Reason: v1alpha1.DisruptionRetire, Since: ago(40 * time.Minute), Refusal: v1alpha1.ReasonWouldStrand,
		Message: `pod shop/cart-0 runs image "registry.example.com/shop/cart:1", which no other node can run; build it for 10.0.20348`,
	}
	s.Conditions = append(s.Conditions, metav1.Condition{
		Type: v1alpha1.HostConditionUpToDate, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonWouldStrand,
		Message: "its build is retired", LastTransitionTime: ago(40 * time.Minute),
	})
}

// upgrading is in the middle of a change.
func upgrading(host *v1alpha1.WindowsHost) {
	s := &host.Status
	s.Phase, s.Step, s.Message = v1alpha1.HostDraining, v1alpha1.StepDrain, "2 pods are left to be moved"
	s.Plan = &v1alpha1.HostPlan{
		Summary: "replace 2 files, update 1 service", Disruptive: true, Reboot: true, Total: 4,
		Actions: []v1alpha1.PlannedAction{
			{Action: `write file C:\k\kubelet.exe`, Reason: "its content differs"},
			{Action: "update service kubelet", Reason: "its program differs", Disruptive: true},
		},
	}
	s.Disruption = &v1alpha1.HostDisruption{Reason: v1alpha1.DisruptionChange, Since: ago(90 * time.Second), CordonedByUs: true}
	s.Reboots = &v1alpha1.HostReboots{Attempts: 1, Reason: "Windows waits for it", Time: ago(time.Hour)}
	s.Applied.RolledBackFrom = "sha256:0123"
}

// unreachable has never been logged in to.
func unreachable(host *v1alpha1.WindowsHost) {
	host.Spec.Paused = true
	host.Generation = 3
	host.DeletionTimestamp = new(metav1.Time)
	*host.DeletionTimestamp = ago(2 * time.Minute)
	host.Finalizers = []string{v1alpha1.FinalizerHost}
	host.Status = v1alpha1.WindowsHostStatus{
		ObservedGeneration: 2, Phase: v1alpha1.HostFailed, Step: v1alpha1.StepConnect,
		LastError: &v1alpha1.HostError{
			Step: v1alpha1.StepConnect, Reason: v1alpha1.ReasonUnreachable, Message: "connecting to 10.0.0.13:22: connection refused",
			Time: ago(10 * time.Minute), Attempts: 7,
		},
	}
}

// scene is a cluster with a host of each sort.
func scene() []client.Object {
	return []client.Object{
		newHost("mullion-system", "win-1", "10.0.0.11", "10.0.17763", stranding),
		newHost("mullion-system", "win-2", "10.0.0.12", "10.0.20348", upgrading),
		newHost("mullion-system", "win-3", "10.0.0.13", "", unreachable),
		newHost("edge", "win-4", "win-4.example.com", "10.0.20348"),
		&v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: "edge", Name: "win-5"}, Spec: v1alpha1.WindowsHostSpec{Address: "10.0.0.15"}},
	}
}

// serve starts an API server with hosts.
func serve(t *testing.T, objects ...client.Object) *commandtest.API {
	t.Helper()
	server := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, server.URL)
	server.ServeCollection(t, "/apis/mullion.dev/v1alpha1", "windowshosts", "WindowsHostList", objects...)
	return server
}
