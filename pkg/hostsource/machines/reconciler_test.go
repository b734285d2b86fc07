package machines

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAMachineThatRunsHasAWindowsHost(t *testing.T) {
	for sentence, c := range map[string]struct {
		machine *unstructured.Unstructured
		trust   bool
		user    string
		keys    v1alpha1.HostKeyTrust
	}{
		"as Administrator":                 {machine: newMachine(), user: "Administrator"},
		"before it is a node":              {machine: newMachine(with("Provisioned", "status", "phase")), user: "Administrator"},
		"as capi on Azure":                 {machine: newMachine(with("azure", "spec", "cloud")), user: "capi"},
		"as the user of its annotation":    {machine: newMachine(with("azure", "spec", "cloud"), annotated(v1alpha1.AnnotationUser, "ops")), user: "ops"},
		"trusted where that is the option": {machine: newMachine(), trust: true, user: "Administrator", keys: v1alpha1.HostKeyTrust{TrustOnFirstUse: true}},
		"trusted by its annotation":        {machine: newMachine(annotated(v1alpha1.AnnotationTrustOnFirstUse, "true")), user: "Administrator", keys: v1alpha1.HostKeyTrust{TrustOnFirstUse: true}},
		"not trusted by its annotation":    {machine: newMachine(annotated(v1alpha1.AnnotationTrustOnFirstUse, "false")), trust: true, user: "Administrator"},
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHarness(t, c.machine)
			h.trust = c.trust
			h.mustReconcile()
			got := h.host()
			if got == nil {
				t.Fatal("there is none")
			}
			want := v1alpha1.WindowsHostSpec{
				Address: "10.0.0.7", User: c.user, HostKeys: c.keys,
				Machine: &v1alpha1.MachineReference{APIVersion: "example.com/v1", Kind: "Machine", Namespace: machineNamespace, Name: "worker-1"},
			}
			if diff := cmp.Diff(want, got.Spec); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Labels[v1alpha1.LabelHostSource] != "example-machines" || got.Annotations[v1alpha1.AnnotationMachineUID] != "one" {
				t.Errorf("labels %v, annotations %v", got.Labels, got.Annotations)
			}
			h.expectEvents()
		})
	}
}

func TestAMachineThatIsNoneOfOursHasNoWindowsHost(t *testing.T) {
	for sentence, m := range map[string]*unstructured.Unstructured{
		"for Linux":         newMachine(with(map[string]any{"os": "linux"}, "metadata", "labels")),
		"ignored":           newMachine(with(map[string]any{"os": "windows", "ignored": "true"}, "metadata", "labels")),
		"still being made":  newMachine(with("Provisioning", "status", "phase")),
		"without any phase": newMachine(with(map[string]any{}, "status")),
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHarness(t, m)
			h.mustReconcile()
			if host := h.host(); host != nil {
				t.Errorf("it has %v", host.Spec)
			}
			h.expectEvents()
		})
	}
}

func TestTheAddressIsThatOfTheClustersNetwork(t *testing.T) {
	for sentence, c := range map[string]struct {
		addresses [][2]string
		want      string
	}{
		"IPv4 before IPv6":       {[][2]string{{"InternalIP", "2001:db8::7"}, {"InternalIP", "10.0.0.7"}}, "10.0.0.7"},
		"IPv6 before a name":     {[][2]string{{"InternalDNS", "worker-1.internal"}, {"InternalIP", "2001:db8::7"}}, "2001:db8::7"},
		"a name":                 {[][2]string{{"Hostname", "worker-1"}, {"ExternalIP", "192.0.2.1"}, {"InternalDNS", "worker-1.internal"}}, "worker-1.internal"},
		"none from outside":      {[][2]string{{"ExternalIP", "192.0.2.1"}, {"ExternalDNS", "worker-1.example.com"}}, ""},
		"none of the link alone": {[][2]string{{"InternalIP", "169.254.7.1"}, {"InternalIP", "fe80::1"}, {"InternalIP", "127.0.0.1"}}, ""},
		"what can be read":       {[][2]string{{"InternalIP", "10.0.0"}, {"InternalIP", "10.0.0.8"}}, "10.0.0.8"},
	} {
		t.Run(sentence, func(t *testing.T) {
			var addresses []any
			for _, a := range c.addresses {
				addresses = append(addresses, map[string]any{"type": a[0], "address": a[1]})
			}
			h := newHarness(t, newMachine(with(addresses, "status", "addresses")))
			h.mustReconcile()
			got := ""
			if host := h.host(); host != nil {
				got = host.Spec.Address
				h.expectEvents()
			} else {
				h.expectEvents("Warning MachineUnusable it runs, and has no address that can be reached: one of type InternalIP or InternalDNS is needed")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAChangedAddressReachesTheHost(t *testing.T) {
	h := newHarness(t, newMachine())
	h.mustReconcile()
	h.change(with([]any{map[string]any{"type": "InternalIP", "address": "10.0.0.8"}}, "status", "addresses"))
	h.mustReconcile()
	if got := h.host().Spec.Address; got != "10.0.0.8" {
		t.Errorf("address %s", got)
	}
}

func TestAHostGoesWithItsMachineWithoutBeingTouched(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(h *harness)
		why    string
	}{
		"while the Machine is being deleted": {func(h *harness) {
			h.change(func(m *unstructured.Unstructured) { m.SetFinalizers([]string{"example.com/machine"}) })
			if err := h.cluster.Delete(h.t.Context(), newMachine()); err != nil {
				h.t.Fatal(err)
			}
		}, "its Machine is being deleted"},
		"when the Machine is gone": {func(h *harness) {
			if err := h.cluster.Delete(h.t.Context(), newMachine()); err != nil {
				h.t.Fatal(err)
			}
		}, "its Machine is gone, or no Windows machine of this cluster any more"},
		"when the Machine is not for Windows": {func(h *harness) {
			h.change(with(map[string]any{}, "metadata", "labels"))
		}, "its Machine is gone, or no Windows machine of this cluster any more"},
		"when the Machine is to be ignored": {func(h *harness) {
			h.change(with(map[string]any{"os": "windows", "ignored": "true"}, "metadata", "labels"))
		}, "its Machine is to be ignored"},
		"when another Machine has the name": {func(h *harness) {
			h.change(with("two", "metadata", "uid"))
		}, "its Machine is gone, and another has its name"},
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHarness(t, newMachine())
			h.mustReconcile()
			host := h.host()
			host.Finalizers = []string{v1alpha1.FinalizerHost}
			if err := h.cluster.Update(t.Context(), host); err != nil {
				t.Fatal(err)
			}
			c.change(h)
			h.mustReconcile()
			after := h.host()
			if after == nil || after.DeletionTimestamp == nil || after.Annotations[v1alpha1.AnnotationOrphan] != "true" {
				t.Fatalf("host %+v", after)
			}
			h.expectEvents("Normal MachineGone " + c.why)
			h.mustReconcile()
			h.expectEvents()
		})
	}
}

func TestAHostIsMadeAnewForAnotherMachineOfTheName(t *testing.T) {
	h := newHarness(t, newMachine())
	h.mustReconcile()
	h.change(with("two", "metadata", "uid"))
	h.mustReconcile()
	if host := h.host(); host != nil {
		t.Fatalf("still there: %v", host.Annotations)
	}
	h.mustReconcile()
	if host := h.host(); host == nil || host.Annotations[v1alpha1.AnnotationMachineUID] != "two" || host.Annotations[v1alpha1.AnnotationOrphan] != "" {
		t.Errorf("host %+v", host)
	}
}

// saying answers every read with an error.
type saying struct{ err error }

func (s saying) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return s.err
}

func (s saying) List(context.Context, client.ObjectList, ...client.ListOption) error { return s.err }

func TestAMachineAPIThatDoesNotAnswerTakesNoHostWithIt(t *testing.T) {
	resource := schema.GroupResource{Group: "example.com", Resource: "machines"}
	for sentence, c := range map[string]struct {
		err  error
		gone bool
	}{
		"no such API":        {err: apierrors.NewGenericServerResponse(404, "get", resource, "", "404 page not found", 0, true)},
		"not to be known":    {err: errors.New("connection refused")},
		"not allowed":        {err: apierrors.NewForbidden(resource, "worker-1", errors.New("no"))},
		"another is missing": {err: apierrors.NewNotFound(resource, "worker-2")},
		"no such Machine":    {err: apierrors.NewNotFound(resource, "worker-1"), gone: true},
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHarness(t, newMachine())
			h.mustReconcile()
			if err := h.cluster.Delete(t.Context(), newMachine()); err != nil {
				t.Fatal(err)
			}
			h.uncached = saying{c.err}
			err := h.reconcile()
			if gone := h.host() == nil; gone != c.gone || (err == nil) != c.gone {
				t.Errorf("gone %v, %v", gone, err)
			}
		})
	}
}

func TestHostsOfOthersAreReportedAndLeftAlone(t *testing.T) {
	listed := otherHost("10.0.0.7", "10.0.0.7")
	listed.Labels = map[string]string{v1alpha1.LabelHostSource: "windows-instances"}
	for sentence, c := range map[string]struct {
		other *v1alpha1.WindowsHost
		want  string
	}{
		"one of the list at the address":  {listed, "WindowsHost mullion-system/10.0.0.7 has its address 10.0.0.7 already"},
		"an administrator's of that name": {otherHost(hostName, "10.9.9.9"), "WindowsHost mullion-system/worker-1.machines was made by somebody else"},
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHarness(t, newMachine(), c.other)
			h.mustReconcile()
			h.expectEvents("Warning MachineUnusable " + c.want)
			var after v1alpha1.WindowsHostList
			if err := h.cluster.List(t.Context(), &after); err != nil {
				t.Fatal(err)
			}
			if len(after.Items) != 1 {
				t.Fatalf("%d hosts", len(after.Items))
			}
			if diff := cmp.Diff(c.other.Spec, after.Items[0].Spec); diff != "" {
				t.Errorf("it was changed (-before +after):\n%s", diff)
			}
			if err := h.cluster.Delete(t.Context(), newMachine()); err != nil {
				t.Fatal(err)
			}
			h.mustReconcile()
			h.expectEvents()
		})
	}
}

func TestAMachineThatCannotBeReadIsReported(t *testing.T) {
	h := newHarness(t, newMachine(with("10.0.0.7", "status", "addresses")))
	h.mustReconcile()
	if host := h.host(); host != nil {
		t.Errorf("it has %v", host.Spec)
	}
	if len(h.events.Events) != 1 {
		t.Errorf("%d events", len(h.events.Events))
	}
}

func TestHostNames(t *testing.T) {
	long := strings.Repeat("a", 200)
	first, second := HostName(strings.Repeat("n", 60), long+"1"), HostName(strings.Repeat("n", 60), long+"2")
	if len(first) != 253 || first == second {
		t.Errorf("%s (%d) and %s", first, len(first), second)
	}
	if name := HostName("default", "a.b"); name != "a.b.default" {
		t.Errorf("%s", name)
	}
}

func TestEventsOfAHostAskForItsMachine(t *testing.T) {
	s := &Source{Machines: testAPI()}
	host := otherHost(hostName, "10.0.0.7")
	if got := s.requestOfHost(t.Context(), host); got != nil {
		t.Errorf("got %v", got)
	}
	host.Spec.Machine = &v1alpha1.MachineReference{Namespace: machineNamespace, Name: "worker-1"}
	if got := s.requestOfHost(t.Context(), host); len(got) != 1 || got[0].String() != "machines/worker-1" {
		t.Errorf("got %v", got)
	}
	if s.isOurs(host) {
		t.Error("somebody else's host is taken for ours")
	}
	metav1.SetMetaDataLabel(&host.ObjectMeta, v1alpha1.LabelHostSource, "example-machines")
	if !s.isOurs(host) {
		t.Error("our host is taken for somebody else's")
	}
}
