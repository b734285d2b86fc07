package state

import "github.com/mullion-dev/mullion/pkg/agent/winpath"

// Schema is the version of every document in this package.
const Schema = "mullion.dev/host/v1"

// Desired is what a host shall be. The order of its lists means nothing: what comes first follows from dependencies.
type Desired struct {
	Schema string `json:"schema"`
	// Owner names who manages the host, such as the UID of a cluster. A host that another one manages is refused.
	Owner        string          `json:"owner"`
	Requirements Requirements    `json:"requirements,omitzero"`
	Versions     *Versions       `json:"versions,omitzero"`
	Hostname     string          `json:"hostname,omitzero"`
	Features     []Feature       `json:"features,omitzero"`
	Directories  []Directory     `json:"directories,omitzero"`
	Files        []File          `json:"files,omitzero"`
	Variables    []Variable      `json:"environment,omitzero"`
	Registry     []RegistryValue `json:"registry,omitzero"`
	Certificates []Certificate   `json:"certificates,omitzero"`
	Firewall     []FirewallRule  `json:"firewall,omitzero"`
	// Networks are those that network plugins make. They are told so that they go when the host is given back.
	Networks []ContainerNetwork `json:"networks,omitzero"`
	Routes   []GatewayRoute     `json:"routes,omitzero"`
	Services []Service          `json:"services,omitzero"`
}

// Requirements are what has to be true of a host before it is touched. What is empty or zero is not required.
type Requirements struct {
	// Builds are three-part versions, such as 10.0.20348.
	Builds []string `json:"builds,omitzero"`
	// Languages are those of the system, such as en-US.
	Languages []string `json:"languages,omitzero"`
	// MaxClockSkewSeconds is how far the host's clock may be from the manager's. Beyond a few minutes TLS breaks.
	MaxClockSkewSeconds int64 `json:"maxClockSkewSeconds,omitzero"`
	// MinFreeBytes has to be left on each drive after everything is written.
	MinFreeBytes int64 `json:"minFreeBytes,omitzero"`
	// Conflicts are names of services that must not be there unless they are ours, such as docker.
	Conflicts []string `json:"conflicts,omitzero"`
}

// Versions is a directory that holds directories of versions side by side, such as C:\k\versions\4f5c…\kubelet.exe.
// Files below it that are no longer desired are kept for a while, so that going back is a switch of services.
type Versions struct {
	Root winpath.Path `json:"root"`
	// Current is the name of the directory below Root that is in use.
	Current string `json:"current"`
	// Keep is how many versions stay besides the current one, 16 at most.
	Keep int `json:"keep"`
}

// Feature is a Windows feature that shall be enabled, such as Containers.
type Feature struct {
	Name  string `json:"name"`
	After []ID   `json:"after,omitzero"`
}

// Directory shall exist. One that was there before us stays when we go.
type Directory struct {
	Path   winpath.Path `json:"path"`
	Access Access       `json:"access,omitzero"`
	// Purge deletes the directory with everything in it when it is no longer desired, if it was us who made it.
	// Without it, a directory is deleted only when it is empty: logs and other people's files stay.
	Purge bool `json:"purge,omitzero"`
	After []ID `json:"after,omitzero"`
}

// Access is who may do what with a file or directory.
type Access string

// What a desired state can ask for.
const (
	// AccessInherited leaves it to the directory above.
	AccessInherited Access = ""
	// AccessAdministrators gives full control to SYSTEM and to Administrators, and nothing to anybody else.
	AccessAdministrators Access = "administrators"
)

// FirewallRule is one rule of the Windows firewall.
type FirewallRule struct {
	Name        string `json:"name"`
	Description string `json:"description,omitzero"`
	// Outbound is the direction; most rules are inbound.
	Outbound bool `json:"outbound,omitzero"`
	// Block refuses what the rule matches; most rules allow it.
	Block bool `json:"block,omitzero"`
	// Protocol is TCP, UDP, or empty for any, which goes without ports.
	Protocol string `json:"protocol,omitzero"`
	// Ports are local ports; none are all.
	Ports []uint16 `json:"ports,omitzero"`
	// Remotes are CIDR prefixes; none are all.
	Remotes []string `json:"remotes,omitzero"`
	// Program limits the rule to one program.
	Program winpath.Path `json:"program,omitzero"`
	// Other is what else is set of a rule that is there, such as Enabled=FALSE, so that it differs from any that is desired.
	Other []string `json:"other,omitzero"`
	After []ID     `json:"after,omitzero"`
}

// Certificate shall be among the trusted roots of the machine (LocalMachine\ROOT).
type Certificate struct {
	// PEM is one certificate.
	PEM   string `json:"pem"`
	After []ID   `json:"after,omitzero"`
}
