package state

import "github.com/mullion-dev/mullion/pkg/agent/winpath"

// Observed is what a host is, as far as a plan depends on it. Maps are keyed as [ID.Key] without the kind: by the
// case-folded name. What is not there is not in the map. It never leaves the host: it has secrets in it.
type Observed struct {
	Facts        Facts
	Paths        map[string]ObservedPath
	Variables    map[string]EnvironmentValue
	Registry     map[string]RegistryData
	Certificates map[string]bool
	Firewall     map[string]FirewallRule
	Features     map[string]FeatureState
	Services     map[string]ObservedService
	// Networks are all networks of the Host Networking Service, if a plan depends on any.
	Networks []HNSNetwork
	// Routes are those to each destination that a plan depends on, and to Everywhere, the preferred one first.
	Routes map[string][]Route
	// Content are the digests that were uploaded, and ContentDrive is where they are kept.
	Content      map[string]bool
	ContentDrive winpath.Path
}

// PathType is what a path names.
type PathType string

// The types. A link is any reparse point: it is never followed, because nobody knows where it leads.
const (
	PathFile      PathType = "file"
	PathDirectory PathType = "directory"
	PathLink      PathType = "link"
)

// ObservedPath is a file or directory that is there.
type ObservedPath struct {
	// Type is empty where there is nothing.
	Type PathType
	Size int64
	// SHA256 is the digest of a file's content.
	SHA256 string
	// Content of a file is there if the plan needs it: when lines in it are ours, or its format is not bytes. Nil is not
	// empty but unknown: what is large is not read, and must not be written back either.
	Content []byte
	Access  AccessState
}

// AccessLevel sorts the access that is set on a file or directory.
type AccessLevel string

// The levels. Besides those that can be asked for, there is what others set, and what cannot be told.
const (
	AccessLevelUnknown        AccessLevel = "unknown"
	AccessLevelInherited      AccessLevel = "inherited"
	AccessLevelAdministrators AccessLevel = "administrators"
	AccessLevelOther          AccessLevel = "other"
)

// AccessState is the access that is set on a file or directory.
type AccessState struct {
	Level AccessLevel `json:"level"`
	// SDDL is the owner and the access control list in Microsoft's notation. It is what brings back what others have set.
	SDDL string `json:"sddl,omitzero"`
}

// ObservedService is a service that is there.
type ObservedService struct {
	Config ServiceConfig
	Status ServiceStatus
	// Dependents are services, ours or not, that depend on this one, directly or not, and are not stopped.
	Dependents []string
}
