package hostsource

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// sshPort is the port of every host that a source names.
const sshPort = 22

// Host is a WindowsHost as a source wants it.
type Host struct {
	// Name is the WindowsHost's name.
	Name string
	// Address and User are how to log in.
	Address, User string
	// HostKeys are the grounds on which the host is believed, as far as the source knows any.
	HostKeys v1alpha1.HostKeyTrust
	// Machine stands for the host in a machine API; nil where the host was brought.
	Machine *v1alpha1.MachineReference
	// Annotations are set beside those that others set.
	Annotations map[string]string
}

// content is the object that makes a WindowsHost what it shall be: everything that the source sets in it.
func (h Host) content(source, namespace string) (*unstructured.Unstructured, error) {
	spec := v1alpha1.WindowsHostSpec{Address: h.Address, User: h.User, HostKeys: h.HostKeys, Machine: h.Machine}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&spec)
	if err != nil {
		return nil, fmt.Errorf("composing WindowsHost %s: %w", h.Name, err)
	}
	object := &unstructured.Unstructured{Object: map[string]any{"spec": fields}}
	object.SetGroupVersionKind(v1alpha1.SchemeGroupVersion.WithKind("WindowsHost"))
	object.SetNamespace(namespace)
	object.SetName(h.Name)
	object.SetLabels(map[string]string{v1alpha1.LabelHostSource: source})
	annotations := maps.Clone(h.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	written, err := json.Marshal(object.Object)
	if err != nil {
		return nil, fmt.Errorf("composing WindowsHost %s: %w", h.Name, err)
	}
	written = fmt.Append(written, annotations) // fmt sorts maps.
	sum := sha256.Sum256(written)
	annotations[v1alpha1.AnnotationSourceDigest] = hex.EncodeToString(sum[:8])
	object.SetAnnotations(annotations)
	return object, nil
}

// appliedTo tells that a live object has everything that the source wants, and nothing that it wanted before and wants no
// more: the digest is that of what was applied last, and the rest has not been changed since by somebody else.
func (h Host) appliedTo(live *v1alpha1.WindowsHost, content *unstructured.Unstructured) bool {
	for key, value := range content.GetAnnotations() {
		if live.Annotations[key] != value {
			return false
		}
	}
	trusted := func(fingerprint string) bool { return slices.Contains(live.Spec.HostKeys.Fingerprints, fingerprint) }
	return live.Spec.Address == h.Address && live.Spec.User == h.User &&
		(live.Spec.HostKeys.TrustOnFirstUse || !h.HostKeys.TrustOnFirstUse) &&
		!slices.ContainsFunc(h.HostKeys.Fingerprints, func(f string) bool { return !trusted(f) })
}

// SameAddress tells that a WindowsHost is reached at the address that a source names.
func SameAddress(host *v1alpha1.WindowsHost, address string) bool {
	return strings.EqualFold(host.Spec.Address, address) && (host.Spec.Port == 0 || host.Spec.Port == sshPort)
}
