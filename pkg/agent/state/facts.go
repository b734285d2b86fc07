package state

import (
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Facts are what is true of a host whatever is desired of it.
type Facts struct {
	Schema       string `json:"schema"`
	AgentVersion string `json:"agentVersion"`
	// Build is a three-part version, as in the label node.kubernetes.io/windows-build: 10.0.20348.
	Build string `json:"build"`
	// UBR is the revision, the fourth part.
	UBR uint32 `json:"ubr"`
	// Edition is EditionID in the registry, such as ServerDatacenter.
	Edition string `json:"edition"`
	// InstallationType is that of the registry: Server Core, Server or Client.
	InstallationType string `json:"installationType"`
	// Language is that of the system, such as en-US.
	Language string `json:"language"`
	Hostname string `json:"hostname"`
	// PendingHostname is what Hostname becomes with the next boot; empty if it stays.
	PendingHostname string `json:"pendingHostname,omitzero"`
	// Domain is the Active Directory domain that the host is a member of, if any.
	Domain string `json:"domain,omitzero"`
	// BootID is different after each boot.
	BootID string `json:"bootID"`
	// Time is the host's clock.
	Time time.Time `json:"time"`
	// ClockSkewSeconds is the host's clock minus the manager's, when a request tells the latter.
	ClockSkewSeconds int64     `json:"clockSkewSeconds,omitzero"`
	MemoryBytes      int64     `json:"memoryBytes"`
	Disks            []Disk    `json:"disks,omitzero"`
	Networks         []Network `json:"networks,omitzero"`
	// ContainerNetworks are those of the Host Networking Service, if it runs.
	ContainerNetworks []HNSNetwork `json:"containerNetworks,omitzero"`
	// DefaultRoute is where packets go that no other route takes, if anywhere.
	DefaultRoute *Route `json:"defaultRoute,omitzero"`
	// SSHShell is the program that runs commands of SSH sessions. It is told and never depended on.
	SSHShell winpath.Path `json:"sshShell,omitzero"`
	// PendingReboot are the reasons for which Windows waits for a reboot.
	PendingReboot []string `json:"pendingReboot,omitzero"`
	// Defender tells whether Microsoft Defender's real-time protection is on.
	Defender  bool             `json:"defender,omitzero"`
	Features  []FeatureFact    `json:"features,omitzero"`
	Services  []ServiceSummary `json:"services,omitzero"`
	Listeners []Listener       `json:"listeners,omitzero"`
	// Service is the name of the service that the agent itself runs as; empty if it runs as a command.
	Service string `json:"service,omitzero"`
}

// Disk is a local drive.
type Disk struct {
	Drive     winpath.Path `json:"drive"`
	SizeBytes int64        `json:"sizeBytes"`
	FreeBytes int64        `json:"freeBytes"`
}

// Network is a network interface that is up.
type Network struct {
	Name string `json:"name"`
	MAC  string `json:"mac,omitzero"`
	// Addresses are in CIDR notation.
	Addresses []string `json:"addresses,omitzero"`
	MTU       int      `json:"mtu,omitzero"`
}

// FeatureFact is a feature that is not simply disabled.
type FeatureFact struct {
	Name  string       `json:"name"`
	State FeatureState `json:"state"`
}

// ServiceSummary is a service that is ours, or has something to do with containers and Kubernetes.
type ServiceSummary struct {
	Name        string        `json:"name"`
	Status      ServiceStatus `json:"status"`
	CommandLine string        `json:"commandLine,omitzero"`
	// Ours tells that the ownership manifest has it.
	Ours bool `json:"ours,omitzero"`
}

// Listener is a TCP port that somebody listens on.
type Listener struct {
	Port uint16 `json:"port"`
	PID  uint32 `json:"pid"`
	// Process is the name of the program.
	Process string `json:"process,omitzero"`
	// Service is the name of the service that the process runs, if it does.
	Service string `json:"service,omitzero"`
}
