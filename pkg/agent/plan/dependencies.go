package plan

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Resources are the resources of a desired state, and the directories that its paths need, by key.
type Resources struct {
	byKey map[string]state.Resource
	// after are the keys of the resources that each one comes after.
	after map[string][]string
	ids   []state.ID
}

// Expand finds the resources of a desired state and how they depend on each other. A cycle is a *CycleError.
func Expand(desired *state.Desired) (Resources, error) {
	r := Resources{byKey: map[string]state.Resource{}, after: map[string][]string{}}
	if desired == nil {
		return r, nil
	}
	for _, resource := range desired.Resources() {
		r.byKey[resource.ID().Key()] = resource
	}
	for _, resource := range desired.Resources() {
		r.addDirectories(resource)
	}
	for key, resource := range r.byKey {
		for _, id := range resource.Following() {
			r.after[key] = append(r.after[key], id.Key())
		}
		r.after[key] = append(r.after[key], r.implied(resource)...)
	}
	for _, resource := range r.byKey {
		r.ids = append(r.ids, resource.ID())
	}
	slices.SortFunc(r.ids, state.ID.Compare)
	return r, r.checkCycles()
}

// Find returns a resource.
func (r Resources) Find(id state.ID) (state.Resource, bool) {
	resource, found := r.byKey[id.Key()]
	return resource, found
}

// IDs are those of all resources, sorted. The slice is shared.
func (r Resources) IDs() []state.ID { return r.ids }

// addDirectories declares the directories above a path that nobody has declared.
func (r Resources) addDirectories(resource state.Resource) {
	path, isPath := pathOf(resource)
	if !isPath {
		return
	}
	for _, ancestor := range path.Ancestors() {
		directory := state.Directory{Path: ancestor}
		if _, declared := r.byKey[directory.ID().Key()]; !declared {
			r.byKey[directory.ID().Key()] = directory
		}
	}
}

func pathOf(resource state.Resource) (winpath.Path, bool) {
	switch resource := resource.(type) {
	case state.Directory:
		return resource.Path, true
	case state.File:
		return resource.Path, true
	default:
		return "", false
	}
}

// implied are the dependencies that nobody has to declare.
func (r Resources) implied(resource state.Resource) []string {
	switch resource := resource.(type) {
	case state.Directory:
		return directoriesAbove(resource.Path)
	case state.File:
		return directoriesAbove(resource.Path)
	case state.FirewallRule:
		return r.declared(state.File{Path: resource.Program}.ID())
	case state.Service:
		return r.impliedByService(resource)
	default:
		return nil
	}
}

func directoriesAbove(path winpath.Path) []string {
	var keys []string
	for _, ancestor := range path.Ancestors() {
		keys = append(keys, state.Directory{Path: ancestor}.ID().Key())
	}
	return keys
}

func (r Resources) declared(id state.ID) []string {
	if _, found := r.byKey[id.Key()]; found {
		return []string{id.Key()}
	}
	return nil
}

// impliedByService: services it depends on, files and directories that its command line names, and what a service
// may need of the host as a whole.
func (r Resources) impliedByService(service state.Service) []string {
	var keys []string
	for _, name := range service.DependsOn {
		keys = append(keys, r.declared(state.Service{Name: name}.ID())...)
	}
	for key, resource := range r.byKey {
		switch other := resource.(type) {
		case state.Feature, state.ContainerNetwork: // Any service may be the one that makes the network.
			keys = append(keys, key)
		case state.Directory:
			if names(service, other.Path) || service.Log.Within(other.Path) {
				keys = append(keys, key)
			}
		case state.File:
			if names(service, other.Path) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// names tells whether the command line of a service names the path.
func names(service state.Service, path winpath.Path) bool {
	if service.Program.Equal(path) {
		return true
	}
	for _, argument := range service.Arguments {
		if mentions(winpath.Fold(strings.ReplaceAll(argument, "/", `\`)), path.Key()) {
			return true
		}
	}
	return false
}

// mentions finds a path in text where the path ends too: C:\k is not in C:\kubelet.
func mentions(text, path string) bool {
	for {
		_, rest, found := strings.Cut(text, path)
		if !found {
			return false
		}
		if !strings.ContainsFunc(firstRune(rest), continuesName) {
			return true
		}
		text = rest
	}
}

func firstRune(text string) string {
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
}

func continuesName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(`._-\`, r)
}

// Restarts tells whether a change of the resource has to restart the service: files that its command line names, and
// files, variables and values of the registry that it is declared to come after.
func Restarts(service state.Service, resource state.Resource) bool {
	if file, isFile := resource.(state.File); isFile && names(service, file.Path) {
		return true
	}
	switch resource.(type) {
	case state.File, state.Variable, state.RegistryValue:
	default:
		return false
	}
	for _, id := range service.After {
		if id.Key() == resource.ID().Key() {
			return true
		}
	}
	return false
}
