package state

import "github.com/mullion-dev/mullion/pkg/agent/winpath"

// Service is a Windows service. It depends on the file of its program and on every file that is named in its
// arguments or in After: when one of them changes, the service is stopped before and started afterwards.
type Service struct {
	Name        string       `json:"name"`
	DisplayName string       `json:"displayName,omitzero"`
	Description string       `json:"description,omitzero"`
	Program     winpath.Path `json:"program"`
	// Arguments are passed to the program as they are; quoting is the agent's part.
	Arguments []string `json:"arguments,omitzero"`
	// DependsOn are names of services that have to run before, ours or Windows' own.
	DependsOn []string  `json:"dependsOn,omitzero"`
	Start     StartType `json:"start,omitzero"`
	// Stopped services are kept stopped; the usual is that they run.
	Stopped  bool     `json:"stopped,omitzero"`
	Recovery Recovery `json:"recovery,omitzero"`
	// Variables are the service's own environment, on top of the machine's.
	Variables []ServiceVariable `json:"environment,omitzero"`
	// Account runs the service: one that needs no password. Empty is LocalSystem.
	Account string `json:"account,omitzero"`
	// Ports are TCP ports that the service will listen on. Another program that does so already is in the way.
	Ports []uint16 `json:"ports,omitzero"`
	// Log is where the service writes why it does not start; the end of it becomes part of that error.
	Log winpath.Path `json:"log,omitzero"`
	// TakeOver replaces a service of the same name that was there before us, and puts it back when we go. Without
	// it such a service is in the way.
	TakeOver bool `json:"takeOver,omitzero"`
	After    []ID `json:"after,omitzero"`
}

// AgentProgram is the name of the agent's executable.
const AgentProgram = "mullion-agent.exe"

// RunsAgent tells whether the service is the agent itself, which keeps the host as it was applied last. It is known by
// its program and by what that is told, whatever the service is called.
func (s Service) RunsAgent() bool {
	return winpath.Fold(s.Program.Base()) == winpath.Fold(AgentProgram) && len(s.Arguments) > 0 && s.Arguments[0] == "serve"
}

// ServiceVariable is a variable in a service's own environment.
type ServiceVariable struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Secret bool   `json:"secret,omitzero"`
}

// StartType is when the service control manager starts a service.
type StartType string

// The start types. The zero value is automatic in a desired state; an observed service always has one of the others.
const (
	StartDefault   StartType = ""
	StartAutomatic StartType = "automatic"
	// StartDelayed is automatic, two minutes after the others.
	StartDelayed  StartType = "delayed"
	StartManual   StartType = "manual"
	StartDisabled StartType = "disabled"
)

// Recovery is what happens when a service ends without having been stopped.
type Recovery struct {
	// RestartAfterSeconds are the delays before the first, second and further restarts; three at most. None means
	// that it is not restarted. The last one is repeated.
	RestartAfterSeconds []int `json:"restartAfterSeconds,omitzero"`
	// ResetAfterSeconds without a failure make the next one the first again.
	ResetAfterSeconds int `json:"resetAfterSeconds,omitzero"`
	// OnError also restarts a service that reports an error when it stops, not only one that crashes.
	OnError bool `json:"onError,omitzero"`
}

// FailureActions are what happens when a service fails, as Windows stores it, where a Recovery cannot say it: to restart it
// twice and no more, which container runtimes have by themselves, to run a program, or to restart the host. Only others
// have them. The program that is run, and what is said before a restart, are not changed by us and stay with the service.
type FailureActions struct {
	Actions []FailureAction `json:"actions"`
	// ResetAfterSeconds without a failure make the next one the first again.
	ResetAfterSeconds uint32 `json:"resetAfterSeconds,omitzero"`
	// OnError also counts an error that the service reports when it stops.
	OnError bool `json:"onError,omitzero"`
}

// FailureAction is what happens at one failure; the last one is repeated.
type FailureAction struct {
	// Type is Windows' number: 0 nothing, 1 to restart the service, 2 to restart the host, 3 to run a program. See
	// https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-sc_action.
	Type              uint32 `json:"type"`
	DelayMilliseconds uint32 `json:"delayMilliseconds,omitzero"`
}

// ServiceConfig is a service as the service control manager stores it.
type ServiceConfig struct {
	DisplayName string    `json:"displayName,omitzero"`
	Description string    `json:"description,omitzero"`
	CommandLine string    `json:"commandLine"`
	DependsOn   []string  `json:"dependsOn,omitzero"`
	Start       StartType `json:"start"`
	Recovery    Recovery  `json:"recovery,omitzero"`
	// OtherRecovery is in place of Recovery where that cannot say what is stored.
	OtherRecovery FailureActions `json:"otherRecovery,omitzero"`
	// Environment are NAME=value, in the order in which they are stored.
	Environment []string `json:"environment,omitzero"`
	// Account is never empty; LocalSystem is what Windows calls the system account here.
	Account string `json:"account"`
}

// ServiceStatus is what a service does at the moment.
type ServiceStatus string

// The statuses. Whatever is paused, or on its way from one status to another, is pending.
const (
	ServiceStopped ServiceStatus = "stopped"
	ServiceRunning ServiceStatus = "running"
	ServicePending ServiceStatus = "pending"
)
