package hostsource_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// newKeeper keeps hosts on an API server in memory, whose answers to writes the functions decide.
func newKeeper(t *testing.T, funcs interceptor.Funcs, hosts ...client.Object) *hostsource.Keeper {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	cluster := fake.NewClientBuilder().WithScheme(scheme).WithObjects(hosts...).WithInterceptorFuncs(funcs).Build()
	return &hostsource.Keeper{Client: cluster, Source: "test", Namespace: "hosts"}
}

func wanted() hostsource.Host {
	return hostsource.Host{
		Name: "win-1", Address: "10.0.0.1", User: "Administrator",
		HostKeys:    v1alpha1.HostKeyTrust{Fingerprints: []string{"SHA256:one"}},
		Machine:     &v1alpha1.MachineReference{APIVersion: "v1", Kind: "Machine", Namespace: "machines", Name: "win-1"},
		Annotations: map[string]string{"example.com/note": "a"},
	}
}

func read(t *testing.T, k *hostsource.Keeper) *v1alpha1.WindowsHost {
	t.Helper()
	var host v1alpha1.WindowsHost
	if err := k.Client.Get(t.Context(), client.ObjectKey{Namespace: "hosts", Name: "win-1"}, &host); err != nil {
		t.Fatal(err)
	}
	return &host
}

func TestAHostIsWrittenWhenAnythingOfItDiffersAndOnlyThen(t *testing.T) {
	for sentence, c := range map[string]struct {
		want   func(*hostsource.Host)
		live   func(*v1alpha1.WindowsHost)
		writes bool
	}{
		"nothing":                      {},
		"another address is wanted":    {want: func(h *hostsource.Host) { h.Address = "10.0.0.2" }, writes: true},
		"another annotation is wanted": {want: func(h *hostsource.Host) { h.Annotations["example.com/note"] = "b" }, writes: true},
		"an annotation is not wanted":  {want: func(h *hostsource.Host) { h.Annotations = nil }, writes: true},
		"a key is not wanted":          {want: func(h *hostsource.Host) { h.HostKeys.Fingerprints = nil }, writes: true},
		"somebody changed the user":    {live: func(h *v1alpha1.WindowsHost) { h.Spec.User = "other" }, writes: true},
		"somebody took a key away":     {live: func(h *v1alpha1.WindowsHost) { h.Spec.HostKeys.Fingerprints = nil }, writes: true},
		"somebody took the annotation": {live: func(h *v1alpha1.WindowsHost) { delete(h.Annotations, "example.com/note") }, writes: true},
		"somebody added a key": {live: func(h *v1alpha1.WindowsHost) {
			h.Spec.HostKeys.Fingerprints = append(h.Spec.HostKeys.Fingerprints, "SHA256:two")
		}},
		"somebody paused it": {live: func(h *v1alpha1.WindowsHost) { h.Spec.Paused = true }},
	} {
		t.Run(sentence, func(t *testing.T) {
			k := newKeeper(t, interceptor.Funcs{})
			if written, err := k.Apply(t.Context(), wanted(), nil); err != nil || !written {
				t.Fatalf("made: %v, %v", written, err)
			}
			live, want := read(t, k), wanted()
			if c.live != nil {
				c.live(live)
				if err := k.Client.Update(t.Context(), live, client.FieldOwner("somebody")); err != nil {
					t.Fatal(err)
				}
			}
			if c.want != nil {
				c.want(&want)
			}
			written, err := k.Apply(t.Context(), want, live)
			if err != nil || written != c.writes {
				t.Fatalf("written: %v, %v", written, err)
			}
			after := read(t, k)
			if after.Spec.Address != want.Address || after.Spec.User != want.User || after.Annotations["example.com/note"] != want.Annotations["example.com/note"] {
				t.Errorf("%+v %v", after.Spec, after.Annotations)
			}
			if written, err := k.Apply(t.Context(), want, after); err != nil || written {
				t.Errorf("written again: %v, %v", written, err)
			}
		})
	}
}

func TestAHostOfAnotherSourceIsNotOwned(t *testing.T) {
	k := newKeeper(t, interceptor.Funcs{})
	for sentence, c := range map[string]struct {
		namespace, source string
		want              bool
	}{
		"ours": {"hosts", "test", true}, "an administrator's": {"hosts", "", false},
		"another source's": {"hosts", "other", false}, "in another namespace": {"other", "test", false},
	} {
		host := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Labels: map[string]string{v1alpha1.LabelHostSource: c.source}}}
		if got := k.Owns(host); got != c.want {
			t.Errorf("%s: %v", sentence, got)
		}
	}
}

func TestErrorsSayWhatWasAttempted(t *testing.T) {
	broken := errors.New("connection refused")
	k := newKeeper(t, interceptor.Funcs{
		List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error { return broken },
		Apply: func(context.Context, client.WithWatch, runtime.ApplyConfiguration, ...client.ApplyOption) error {
			return broken
		},
		Delete: func(context.Context, client.WithWatch, client.Object, ...client.DeleteOption) error { return broken },
		Patch: func(context.Context, client.WithWatch, client.Object, client.Patch, ...client.PatchOption) error {
			return broken
		},
	})
	live := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: "hosts", Name: "win-1", UID: "one"}}
	_, list := k.All(t.Context())
	_, making := k.Apply(t.Context(), wanted(), nil)
	_, changing := k.Apply(t.Context(), wanted(), live)
	_, deleting := k.Remove(t.Context(), live)
	_, lettingGo := k.LetGo(t.Context(), live)
	got := []string{list.Error(), making.Error(), changing.Error(), deleting.Error(), lettingGo.Error()}
	want := []string{
		"listing WindowsHosts: connection refused", "making WindowsHost win-1: connection refused",
		"changing WindowsHost win-1: connection refused", "deleting WindowsHost win-1: connection refused",
		"letting go of WindowsHost win-1: connection refused",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAHostThatIsGoneAlreadyIsNoError(t *testing.T) {
	k := newKeeper(t, interceptor.Funcs{})
	live := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: "hosts", Name: "win-1", UID: "one"}}
	if _, err := k.LetGo(t.Context(), live); err != nil {
		t.Error(err)
	}
	if _, err := k.Remove(t.Context(), live); err != nil {
		t.Error(err)
	}
}

func TestEntriesAreCounted(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	m, err := hostsource.NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	m.Observe("test", hostsource.StateUsed, 5)
	m.Observe("test", hostsource.StateUsed, 4)
	(*hostsource.Metrics)(nil).Observe("test", hostsource.StateUsed, 1)
	want := `
		# HELP mullion_host_source_entries Hosts that a source names, by source and state: used, unusable, or held because removal is not confirmed.
		# TYPE mullion_host_source_entries gauge
		mullion_host_source_entries{source="test",state="used"} 4
	`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if _, err := hostsource.NewMetrics(registry); err == nil {
		t.Error("registered twice")
	}
}

func TestEventsOfTheStatusAloneArePassedOver(t *testing.T) {
	old := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Generation: 1, Labels: map[string]string{"a": "b"}}}
	for sentence, c := range map[string]struct {
		change func(*v1alpha1.WindowsHost)
		want   bool
	}{
		"status":           {func(h *v1alpha1.WindowsHost) { h.Status.Message = "Ready" }, false},
		"spec":             {func(h *v1alpha1.WindowsHost) { h.Generation++ }, true},
		"labels":           {func(h *v1alpha1.WindowsHost) { h.Labels = nil }, true},
		"annotations":      {func(h *v1alpha1.WindowsHost) { h.Annotations = map[string]string{"a": "b"} }, true},
		"it is to be gone": {func(h *v1alpha1.WindowsHost) { now := metav1.Now(); h.DeletionTimestamp = &now }, true},
	} {
		changed := old.DeepCopy()
		c.change(changed)
		if got := hostsource.SpecOrMetadataChanged().Update(event.UpdateEvent{ObjectOld: old, ObjectNew: changed}); got != c.want {
			t.Errorf("%s: %v", sentence, got)
		}
	}
}
