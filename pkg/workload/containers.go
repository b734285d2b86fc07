package workload

import "strconv"

// ContainerKind is the list of a pod's specification that a container stands in.
type ContainerKind string

// The lists of containers in a pod's specification, by their JSON names.
const (
	InitContainers      ContainerKind = "initContainers"
	Containers          ContainerKind = "containers"
	EphemeralContainers ContainerKind = "ephemeralContainers"
)

// ContainerRef is a container together with where it stands in its pod.
type ContainerRef struct {
	Kind  ContainerKind
	Index int
	*Container
}

// Field is the path of a field of the container within the pod, such as spec.containers[0].image.
func (c ContainerRef) Field(name string) string {
	return "spec." + string(c.Kind) + "[" + strconv.Itoa(c.Index) + "]." + name
}

// AllContainers calls yield with every container of the pod: init, ordinary and ephemeral, in that order.
func (p *Pod) AllContainers(yield func(ContainerRef) bool) {
	lists := [...]struct {
		kind       ContainerKind
		containers []Container
	}{
		{InitContainers, p.Spec.InitContainers},
		{Containers, p.Spec.Containers},
		{EphemeralContainers, p.Spec.EphemeralContainers},
	}
	for _, list := range lists {
		for i := range list.containers {
			if !yield(ContainerRef{Kind: list.kind, Index: i, Container: &list.containers[i]}) {
				return
			}
		}
	}
}

// HostProcess tells whether the pod runs as processes of its host. Kubernetes wants all containers of a
// pod to agree, so one that says so is enough: a pod that disagrees with itself is refused by the API server.
func (p *Pod) HostProcess() bool {
	if p.Spec.SecurityContext.hostProcess() {
		return true
	}
	for c := range p.AllContainers {
		if c.SecurityContext.hostProcess() {
			return true
		}
	}
	return false
}

func (s *SecurityContext) hostProcess() bool {
	return s != nil && s.WindowsOptions != nil && s.WindowsOptions.HostProcess != nil && *s.WindowsOptions.HostProcess
}

// DisplayName is the name by which a person knows the pod: its own, or the prefix it is generated from.
func (p *Pod) DisplayName() string {
	if p.Metadata.Name == "" && p.Metadata.GenerateName != "" {
		return p.Metadata.GenerateName + "…"
	}
	return p.Metadata.Name
}
