package instances_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAWindowsHostIsMadeOfEachEntry(t *testing.T) {
	h := newHarness(t, list(two(), annotated(v1alpha1.AnnotationTrustOnFirstUse, "true")))
	h.mustReconcile()
	h.expectHosts("10.1.42.1", "win-2.example.com")
	got := h.host("win-2.example.com")
	want := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: "win-2.example.com", Labels: map[string]string{"mullion.dev/source": "windows-instances"},
		},
		Spec: v1alpha1.WindowsHostSpec{
			Address: "win-2.example.com", User: "core", HostKeys: v1alpha1.HostKeyTrust{TrustOnFirstUse: true},
		},
	}
	ignored := cmpopts.IgnoreFields(metav1.ObjectMeta{}, "ResourceVersion", "ManagedFields", "Annotations", "UID", "CreationTimestamp", "Generation")
	if diff := cmp.Diff(want, got, ignored, cmpopts.IgnoreTypes(metav1.TypeMeta{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if told := h.told(); len(told) > 0 {
		t.Errorf("events %q", told)
	}
}

func TestWithoutTheOptInNoHostIsTrustedOnFirstUse(t *testing.T) {
	for _, value := range []string{"", "false", "yes", "True"} {
		h := newHarness(t, list(two(), annotated(v1alpha1.AnnotationTrustOnFirstUse, value)))
		h.mustReconcile()
		if h.host("10.1.42.1").Spec.HostKeys.TrustOnFirstUse {
			t.Errorf("with the annotation %q the host is trusted", value)
		}
	}
}

func TestLookingAgainWritesNothing(t *testing.T) {
	h := newHarness(t, list(two(), annotated(v1alpha1.AnnotationTrustOnFirstUse, "true"), annotated(v1alpha1.AnnotationConfirmRemoval, "today")))
	h.mustReconcile()
	h.writes = 0
	if result := h.mustReconcile(); h.writes != 0 || result.RequeueAfter != 0 {
		t.Errorf("%d writes, looks again after %s", h.writes, result.RequeueAfter)
	}
}

func TestAChangedEntryChangesItsHostAndNothingThatOthersSetInIt(t *testing.T) {
	h := newHarness(t, list(two(), annotated(v1alpha1.AnnotationTrustOnFirstUse, "true")))
	h.mustReconcile()
	edited := h.host("10.1.42.1")
	edited.Spec.Port, edited.Spec.Paused, edited.Spec.User = 2222, true, "somebody"
	if err := h.cluster.Update(t.Context(), edited, client.FieldOwner("kubectl-edit")); err != nil {
		t.Fatal(err)
	}
	h.edit(func(l *corev1.ConfigMap) {
		l.Data["10.1.42.1"] = "username=core"
		delete(l.Annotations, v1alpha1.AnnotationTrustOnFirstUse)
	})
	h.mustReconcile()
	want := v1alpha1.WindowsHostSpec{Address: "10.1.42.1", User: "core", Port: 2222, Paused: true}
	if diff := cmp.Diff(want, h.host("10.1.42.1").Spec); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAHostThatSomebodyChangedIsAsItsEntryWantsAgain(t *testing.T) {
	h := newHarness(t, list(two()))
	h.mustReconcile()
	edited := h.host("10.1.42.1")
	edited.Spec.User = "somebody"
	if err := h.cluster.Update(t.Context(), edited, client.FieldOwner("kubectl-edit")); err != nil {
		t.Fatal(err)
	}
	h.mustReconcile()
	if user := h.host("10.1.42.1").Spec.User; user != "Administrator" {
		t.Errorf("user %q", user)
	}
}

func TestTheHostOfADeletedEntryIsDeleted(t *testing.T) {
	h := newHarness(t, list(two()))
	h.mustReconcile()
	h.edit(func(l *corev1.ConfigMap) { delete(l.Data, "10.1.42.1") })
	h.mustReconcile()
	h.expectHosts("win-2.example.com")
	want := []string{"Normal Unlisted it is not listed in ConfigMap mullion-system/windows-instances any more"}
	if diff := cmp.Diff(want, h.told()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	h.edit(func(l *corev1.ConfigMap) { l.Data = nil })
	h.mustReconcile()
	h.expectHosts()
}

func TestAMistypedEntryIsReportedAndKeepsItsHost(t *testing.T) {
	for sentence, value := range map[string]string{
		"no value": "", "a mistyped setting": "usrename=core", "two users": "username=a\nusername=b",
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHarness(t, list(two()))
			h.mustReconcile()
			h.edit(func(l *corev1.ConfigMap) {
				l.Data["10.1.42.1"] = value
				l.Data["win-3.example.com"] = value
				l.Data["10.1.42.4"] = "username=core"
			})
			result := h.mustReconcile()
			h.expectHosts("10.1.42.1", "win-2.example.com", "10.1.42.4")
			if user := h.host("10.1.42.1").Spec.User; user != "Administrator" {
				t.Errorf("user %q", user)
			}
			told := h.told()
			if len(told) != 2 || !strings.HasPrefix(told[0], "Warning EntryUnusable 10.1.42.1: the value ") ||
				!strings.HasPrefix(told[1], "Warning EntryUnusable win-3.example.com: the value ") {
				t.Errorf("events %q", told)
			}
			if result.RequeueAfter == 0 {
				t.Error("it is not told again")
			}
		})
	}
}

func TestAHostListedInTwoSpellingsIsKept(t *testing.T) {
	h := newHarness(t, list(two()))
	h.mustReconcile()
	h.edit(func(l *corev1.ConfigMap) { l.Data["WIN-2.example.com"] = "username=other" })
	h.mustReconcile()
	h.expectHosts("10.1.42.1", "win-2.example.com")
	if told := h.told(); len(told) != 2 {
		t.Errorf("events %q", told)
	}
}

func TestHostsOfADeletedListAreKeptUnlessThatIsConfirmed(t *testing.T) {
	h := newHarness(t, list(two()))
	h.mustReconcile()
	h.deleteList()
	h.mustReconcile()
	h.expectHosts("10.1.42.1", "win-2.example.com")
	want := []string{"Warning RemovalNotConfirmed the list is gone, and 2 hosts of it are kept, such as 10.1.42.1; make it again, or delete the WindowsHosts to have them given back"}
	if diff := cmp.Diff(want, h.told()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}

	h = newHarness(t, list(two()))
	h.mustReconcile()
	h.edit(annotated(v1alpha1.AnnotationConfirmRemoval, "2026-11-22, on call"))
	h.mustReconcile()
	h.deleteList()
	h.mustReconcile()
	h.expectHosts()
}

func TestAConfirmationCanBeTakenBack(t *testing.T) {
	h := newHarness(t, list(two(), annotated(v1alpha1.AnnotationConfirmRemoval, "today")))
	h.mustReconcile()
	h.edit(func(l *corev1.ConfigMap) {
		l.Annotations = nil
		l.Data["10.1.42.1"] = "mistyped" // Which must not keep the confirmation on its host.
	})
	h.mustReconcile()
	h.deleteList()
	h.mustReconcile()
	h.expectHosts("10.1.42.1", "win-2.example.com")
}

func TestHostsOfAnEmptiedListAreKeptUnlessThatIsConfirmed(t *testing.T) {
	h := newHarness(t, list(two()))
	h.mustReconcile()
	h.edit(func(l *corev1.ConfigMap) { l.Data = nil })
	h.mustReconcile()
	h.expectHosts("10.1.42.1", "win-2.example.com")
	if told := h.told(); len(told) != 1 || !strings.Contains(told[0], "the list has no entry left, and 2 hosts of it are kept") {
		t.Errorf("events %q", told)
	}
	h.edit(annotated(v1alpha1.AnnotationConfirmRemoval, "today"))
	h.mustReconcile()
	h.expectHosts()
}

func TestHostsOfOthersAreReportedAndLeftAlone(t *testing.T) {
	machine := administrators("worker-1.machines", "win-2.example.com")
	machine.Labels = map[string]string{v1alpha1.LabelHostSource: "openshift-machines"}
	elsewhere := administrators("bastion", "10.1.42.1")
	elsewhere.Namespace = "other"
	for sentence, c := range map[string]struct {
		other *v1alpha1.WindowsHost
		want  string
	}{
		"an administrator's with the address": {administrators("first", "10.1.42.1"), "Warning EntryUnusable 10.1.42.1: WindowsHost mullion-system/first, made by an administrator, has this address already"},
		"an administrator's with the name":    {administrators("10.1.42.1", "10.9.9.9"), "Warning EntryUnusable 10.1.42.1: WindowsHost mullion-system/10.1.42.1, made by an administrator, has this name already"},
		"another source's":                    {machine, "Warning EntryUnusable win-2.example.com: WindowsHost mullion-system/worker-1.machines, made by the source openshift-machines, has this address already"},
		"one in another namespace":            {elsewhere, "Warning EntryUnusable 10.1.42.1: WindowsHost other/bastion, made by an administrator, has this address already"},
		"one in capitals":                     {administrators("first", "WIN-2.Example.com"), "Warning EntryUnusable win-2.example.com: WindowsHost mullion-system/first, made by an administrator, has this address already"},
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHarness(t, list(two()), c.other)
			h.mustReconcile()
			if hosts := h.hosts(); len(hosts) != 2 {
				t.Errorf("%d hosts", len(hosts))
			}
			if diff := cmp.Diff([]string{c.want}, h.told()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			var after v1alpha1.WindowsHost
			if err := h.cluster.Get(t.Context(), client.ObjectKeyFromObject(c.other), &after); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.other.Spec, after.Spec); diff != "" {
				t.Errorf("it was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestAnotherServerAtTheAddressIsNoConflict(t *testing.T) {
	other := administrators("container", "10.1.42.1")
	other.Spec.Port = 2222
	h := newHarness(t, list(two()), other)
	h.mustReconcile()
	h.expectHosts("10.1.42.1", "container", "win-2.example.com")
}

func TestAHostWithoutTheLabelIsTakenOver(t *testing.T) {
	h := newHarness(t, list(two()))
	h.mustReconcile()
	taken := h.host("10.1.42.1")
	taken.Labels = nil
	if err := h.cluster.Update(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	h.edit(func(l *corev1.ConfigMap) { delete(l.Data, "10.1.42.1") })
	h.mustReconcile()
	h.expectHosts("10.1.42.1", "win-2.example.com")
}

func TestAHostThatIsStillBeingGivenBackIsLeftUntilItIsGone(t *testing.T) {
	h := newHarness(t, list(two()))
	h.mustReconcile()
	going := h.host("10.1.42.1")
	going.Finalizers = []string{v1alpha1.FinalizerHost}
	if err := h.cluster.Update(t.Context(), going); err != nil {
		t.Fatal(err)
	}
	if err := h.cluster.Delete(t.Context(), going); err != nil {
		t.Fatal(err)
	}
	h.writes = 0
	h.mustReconcile()
	if h.writes > 0 {
		t.Errorf("%d writes", h.writes)
	}
	h.edit(func(l *corev1.ConfigMap) { delete(l.Data, "10.1.42.1") })
	h.mustReconcile()
	if told := h.told(); h.writes > 0 || len(told) > 0 {
		t.Errorf("%d writes, events %q", h.writes, told)
	}
}

func TestWhatTheAPIServerRefusesIsAProblemOfItsEntry(t *testing.T) {
	h := newHarness(t, list(two()))
	h.refuse = func(name string) error {
		if name != "10.1.42.1" {
			return nil
		}
		return apierrors.NewInvalid(schema.GroupKind{Group: "mullion.dev", Kind: "WindowsHost"}, name, nil)
	}
	h.mustReconcile()
	h.expectHosts("win-2.example.com")
	if told := h.told(); len(told) != 1 || !strings.HasPrefix(told[0], "Warning EntryUnusable 10.1.42.1: making WindowsHost 10.1.42.1: ") {
		t.Errorf("events %q", told)
	}
}

func TestAHostThatCannotBeWrittenHoldsUpNoOtherAndIsTriedAgain(t *testing.T) {
	h := newHarness(t, list(two()))
	h.refuse = func(name string) error {
		if name != "10.1.42.1" {
			return nil
		}
		return errors.New("the API server is busy")
	}
	if _, err := h.reconcile(); err == nil || !strings.Contains(err.Error(), "making WindowsHost 10.1.42.1: the API server is busy") {
		t.Errorf("got %v", err)
	}
	h.expectHosts("win-2.example.com")
}
