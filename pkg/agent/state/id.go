package state

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Kind is a kind of resource.
type Kind string

// The kinds of resources. What names a resource of the kind is in parentheses.
const (
	KindFeature     Kind = "feature"     // (the feature's name)
	KindHostname    Kind = "hostname"    // (always [ComputerName])
	KindDirectory   Kind = "directory"   // (path)
	KindFile        Kind = "file"        // (path)
	KindVariable    Kind = "variable"    // (name of a machine environment variable)
	KindRegistry    Kind = "registry"    // (key:value)
	KindCertificate Kind = "certificate" // (SHA-256 of the certificate, in hexadecimal digits)
	KindFirewall    Kind = "firewall"    // (the rule's name)
	KindNetwork     Kind = "network"     // (name of a network of the Host Networking Service)
	KindRoute       Kind = "route"       // (the destination's prefix)
	KindService     Kind = "service"     // (the service's name)
	KindVersions    Kind = "versions"    // (path of the directory that holds versions side by side)
)

// ComputerName is the name of the one resource of [KindHostname].
const ComputerName = "computer"

// kinds is also the order in which resources that do not depend on each other are set.
func kinds() [12]Kind {
	return [...]Kind{
		KindFeature, KindHostname, KindDirectory, KindFile, KindVariable, KindRegistry, KindCertificate, KindFirewall,
		KindNetwork, KindRoute, KindVersions, KindService,
	}
}

// Rank orders kinds.
func (k Kind) Rank() int {
	for i, known := range kinds() {
		if k == known {
			return i
		}
	}
	return -1
}

// ID identifies a resource. Windows compares all of these names without regard to case: compare with [ID.Key].
type ID struct {
	Kind Kind
	Name string
}

// Key is equal for IDs of the same resource.
func (id ID) Key() string { return string(id.Kind) + "/" + winpath.Fold(id.Name) }

// String is kind/name.
func (id ID) String() string { return string(id.Kind) + "/" + id.Name }

// Compare orders by kind, then name.
func (id ID) Compare(other ID) int {
	if byKind := cmp.Compare(id.Kind.Rank(), other.Kind.Rank()); byKind != 0 {
		return byKind
	}
	return strings.Compare(winpath.Fold(id.Name), winpath.Fold(other.Name))
}

// MarshalText is String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads kind/name.
func (id *ID) UnmarshalText(text []byte) error {
	kind, name, found := strings.Cut(string(text), "/")
	if !found || name == "" {
		return fmt.Errorf("%q is not kind/name", text)
	}
	if Kind(kind).Rank() < 0 {
		return fmt.Errorf("%q has an unknown kind; known are %v", text, kinds())
	}
	*id = ID{Kind: Kind(kind), Name: name}
	return nil
}
