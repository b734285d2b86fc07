package observe

import (
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Scope is what has to be observed.
type Scope struct {
	ids map[string]state.ID
	// content are the keys of files of which the content is needed, not only its digest.
	content map[string]bool
	// services are the names of services beyond those in ids.
	services []string
}

// ScopeOf is what a plan from the manifest to the desired state, nil for removal, depends on. The IDs are those of
// the desired resources, implied ones included.
func ScopeOf(desired *state.Desired, resources []state.ID, manifest state.Manifest) Scope {
	scope := Scope{ids: map[string]state.ID{}, content: map[string]bool{}, services: manifest.Resume}
	for _, id := range resources {
		scope.ids[id.Key()] = id
	}
	for _, record := range manifest.Records {
		scope.ids[record.ID.Key()] = record.ID
		if record.Listed {
			scope.content[record.ID.Key()] = true // Whether there is more in it than ours decides what becomes of it.
		}
	}
	if desired == nil {
		return scope
	}
	for _, file := range desired.Files {
		if len(file.Lines) > 0 || file.Format != state.FormatBytes {
			scope.content[file.ID().Key()] = true
		}
	}
	// Once it was noted what was there, nothing depends on what has become of it: a host is repaired also while its Host
	// Networking Service is not well.
	for _, network := range desired.Networks {
		if _, noted := manifest.Find(network.ID()); noted {
			delete(scope.ids, network.ID().Key())
		}
	}
	scope.services = slices.Concat(scope.services, desired.Requirements.Conflicts)
	return scope
}

// Only is the scope of one resource, with the content of a file.
func Only(id state.ID) Scope {
	return Scope{ids: map[string]state.ID{id.Key(): id}, content: map[string]bool{id.Key(): true}}
}

// serviceNames are the services in the scope.
func (s Scope) serviceNames() []string {
	seen := map[string]bool{}
	var names []string
	add := func(name string) {
		if key := winpath.Fold(name); !seen[key] {
			seen[key] = true
			names = append(names, name)
		}
	}
	for _, id := range s.ids {
		if id.Kind == state.KindService {
			add(id.Name)
		}
	}
	for _, name := range s.services {
		add(name)
	}
	return names
}
