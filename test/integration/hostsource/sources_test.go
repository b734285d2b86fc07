package hostsource_test

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAListIsFollowed(t *testing.T) {
	first, firstPin := key(t, 1)
	second, secondPin := key(t, 2)
	known := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "windows-instances-known-hosts"},
		Data:       map[string]string{"known_hosts": "10.1.42.1 " + first},
	}
	list := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: "windows-instances", Annotations: map[string]string{v1alpha1.AnnotationTrustOnFirstUse: "true"},
		},
		Data: map[string]string{"10.1.42.1": "username=Administrator", "win-2.example.com": "username=core", "10.1.42": "username=a"},
	}
	create(t, known)
	create(t, list)
	within(t, "the hosts are made, each with its grounds", func() error {
		one, two := host("10.1.42.1"), host("win-2.example.com")
		if one == nil || two == nil || one.Spec.Port != 22 || one.Spec.HostKeys.TrustOnFirstUse ||
			!slices.Equal(one.Spec.HostKeys.Fingerprints, []string{firstPin}) || !two.Spec.HostKeys.TrustOnFirstUse {
			return fmt.Errorf("%+v, %+v", one, two)
		}
		return nil
	})
	within(t, "the entry that cannot be used is reported by its field", func() error {
		return expectEvent(`data[10.1.42]`, "10.1.42: the key is neither an IPv4 address nor a DNS name")
	})

	// What an administrator adds stays, in lists as well; what the source has set before goes.
	own := "ssh-rsa SHA256:" + strings.Repeat("A", 43)
	patch(t, host("10.1.42.1"), `{"spec":{"port":2222,"hostKeys":{"fingerprints":["`+firstPin+`","`+own+`"]}}}`)
	patch(t, known, `{"data":{"known_hosts":"10.1.42.1 `+second+`"}}`)
	patch(t, list, `{"data":{"10.1.42.1":"username=other","10.1.42":null},"metadata":{"annotations":{"`+v1alpha1.AnnotationConfirmRemoval+`":"today"}}}`)
	within(t, "the host is as the list and the administrator want it", func() error {
		one := host("10.1.42.1")
		if one.Spec.Port != 2222 || one.Spec.User != "other" || !slices.Contains(one.Spec.HostKeys.Fingerprints, secondPin) ||
			!slices.Contains(one.Spec.HostKeys.Fingerprints, own) || one.Annotations[v1alpha1.AnnotationConfirmRemoval] != "today" {
			return fmt.Errorf("%+v %v", one.Spec, one.Annotations)
		}
		return nil
	})

	patch(t, list, `{"data":{"10.1.42.1":null}}`)
	within(t, "the host of the deleted entry goes", func() error { return expectGone("10.1.42.1") })
	if host("win-2.example.com") == nil {
		t.Error("so does the other")
	}
	if err := shared.root.Delete(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	within(t, "the hosts of the list go with it, as was confirmed", func() error { return expectGone("win-2.example.com") })
}

func TestMachinesOfBothAPIsAreFollowed(t *testing.T) {
	for name, c := range map[string]struct {
		machine *unstructured.Unstructured
		host    string
		version string
	}{
		"OpenShift": {
			machine: machine("machine.openshift.io/v1beta1", "openshift-machine-api", map[string]string{"machine.openshift.io/os-id": "Windows"}, "10.2.0.1"),
			host:    "worker-1.openshift-machine-api", version: "machine.openshift.io/v1beta1",
		},
		"Cluster API": {
			machine: machine("cluster.x-k8s.io/v1beta1", "default", map[string]string{"cluster.x-k8s.io/cluster-name": "production", "mullion.dev/os": "windows"}, "10.2.0.2"),
			host:    "worker-1.default", version: "cluster.x-k8s.io/v1beta2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			create(t, c.machine)
			within(t, "its host is made", func() error {
				h := host(c.host)
				if h == nil || h.Spec.Machine == nil || h.Spec.Machine.APIVersion != c.version || h.Spec.User != "Administrator" {
					return fmt.Errorf("%+v", h)
				}
				return nil
			})
			patch(t, host(c.host), `{"metadata":{"finalizers":["`+v1alpha1.FinalizerHost+`"]}}`)
			if err := shared.root.Delete(t.Context(), c.machine); err != nil {
				t.Fatal(err)
			}
			within(t, "its host is let go", func() error {
				if h := host(c.host); h.DeletionTimestamp == nil || h.Annotations[v1alpha1.AnnotationOrphan] != "true" {
					return fmt.Errorf("%+v", h.ObjectMeta)
				}
				return nil
			})
			patch(t, host(c.host), `{"metadata":{"finalizers":null}}`)
			within(t, "it stays away", func() error { return expectGone(c.host) })
		})
	}
}

func TestUserDataFollowsTheKey(t *testing.T) {
	line, _ := key(t, 7)
	_, private := pair(7)
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "cloud-private-key"},
		Data:       map[string][]byte{"private-key.pem": pem.EncodeToMemory(block)},
	})
	expect := func() error {
		var secret corev1.Secret
		err := shared.root.Get(context.Background(), client.ObjectKey{Namespace: "openshift-machine-api", Name: "windows-user-data"}, &secret)
		if err == nil && !strings.Contains(string(secret.Data["userData"]), "'"+line+"'") {
			err = fmt.Errorf("user data %q", secret.Data["userData"])
		}
		return err
	}
	within(t, "it is made", expect)
	made := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "openshift-machine-api", Name: "windows-user-data"}}
	patch(t, made, `{"stringData":{"userData":"nonsense"}}`)
	within(t, "it is set right", expect)
}

// machine is a Windows machine that runs.
func machine(apiVersion, namespace string, labels map[string]string, address string) *unstructured.Unstructured {
	m := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion, "kind": "Machine",
		"status": map[string]any{"phase": "Running", "addresses": []any{map[string]any{"type": "InternalIP", "address": address}}},
	}}
	m.SetNamespace(namespace)
	m.SetName("worker-1")
	m.SetLabels(labels)
	return m
}

// key is the n-th of a series of keys: its line, as in authorized_keys, and its pin.
func key(t *testing.T, n byte) (line, pin string) {
	t.Helper()
	public, _ := pair(n)
	k, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k))), "ssh-ed25519 " + ssh.FingerprintSHA256(k)
}

func pair(n byte) (ed25519.PublicKey, ed25519.PrivateKey) {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	private := ed25519.NewKeyFromSeed(seed)
	return private.Public().(ed25519.PublicKey), private
}

func create(t *testing.T, object client.Object) {
	t.Helper()
	if err := shared.root.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shared.root.Delete(context.Background(), object) })
}

func patch(t *testing.T, object client.Object, text string) {
	t.Helper()
	copied, _ := object.DeepCopyObject().(client.Object)
	if err := shared.root.Patch(t.Context(), copied, client.RawPatch("application/merge-patch+json", []byte(text))); err != nil {
		t.Fatal(err)
	}
}

// host reads a WindowsHost; nil where there is none.
func host(name string) *v1alpha1.WindowsHost {
	var h v1alpha1.WindowsHost
	if err := shared.root.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: name}, &h); err != nil {
		return nil
	}
	return &h
}

func expectGone(name string) error {
	var h v1alpha1.WindowsHost
	err := shared.root.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: name}, &h)
	if err == nil {
		err = fmt.Errorf("WindowsHost %s is there", name)
	}
	return client.IgnoreNotFound(err)
}

func expectEvent(field, message string) error {
	var events corev1.EventList
	if err := shared.root.List(context.Background(), &events, client.InNamespace(namespace)); err != nil {
		return err
	}
	for i := range events.Items {
		if e := &events.Items[i]; e.InvolvedObject.FieldPath == field && strings.Contains(e.Message, message) {
			return nil
		}
	}
	return fmt.Errorf("no event about %s among %d", field, len(events.Items))
}

// within waits until something holds.
func within(t *testing.T, what string, holds func() error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), interval, patience, true, func(context.Context) (bool, error) {
		last = holds()
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("waiting until %s: %v", what, last)
	}
}
