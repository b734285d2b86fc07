package machines

import (
	"crypto/sha256"
	"encoding/hex"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// hostFor is the WindowsHost of a machine that is running at an address.
func hostFor(m *machine, address string, trustOnFirstUse bool) hostsource.Host {
	if own, set := m.Annotations[v1alpha1.AnnotationTrustOnFirstUse]; set {
		trustOnFirstUse = own == "true"
	}
	return hostsource.Host{
		Name:     HostName(m.Namespace, m.Name),
		Address:  address,
		User:     m.user(),
		HostKeys: v1alpha1.HostKeyTrust{TrustOnFirstUse: trustOnFirstUse},
		Machine: &v1alpha1.MachineReference{
			APIVersion: m.APIVersion, Kind: m.Kind, Namespace: m.Namespace, Name: m.Name,
		},
		Annotations: map[string]string{v1alpha1.AnnotationMachineUID: string(m.UID)},
	}
}

// HostName is the name of the WindowsHost of a Machine: the Machine's, a dot, and its namespace, which has no dot, so that
// no two Machines share one. A name that gets too long ends in a digest instead.
func HostName(namespace, name string) string {
	whole := name + "." + namespace
	if len(whole) <= validation.DNS1123SubdomainMaxLength {
		return whole
	}
	sum := sha256.Sum256([]byte(whole))
	digest := hex.EncodeToString(sum[:8])
	return whole[:validation.DNS1123SubdomainMaxLength-1-len(digest)] + "x" + digest
}
