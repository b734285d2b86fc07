package state

import (
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Manifest is what on a host is ours, and what was there in its place. Whatever is not in it is never deleted.
type Manifest struct {
	Schema string `json:"schema"`
	// Owner is that of the desired state.
	Owner string `json:"owner,omitzero"`
	// Generation grows with every manifest that is written; a journal continues exactly one.
	Generation uint64 `json:"generation"`
	// Records are sorted by ID, one for each.
	Records []Record `json:"records,omitzero"`
	// Versions are the names of directories below the root of versions, the current one first.
	Versions []string `json:"versions,omitzero"`
	// Resume are other people's services that we have stopped and not yet started again.
	Resume []string `json:"resume,omitzero"`
	// Reboots are what waits for a boot because of us.
	Reboots []Pending `json:"reboots,omitzero"`
	// Restarts are services of ours that run as they did before something changed that they use.
	Restarts []Pending `json:"restarts,omitzero"`
	// Asides are programs that were renamed because they ran, and are deleted when they no longer do.
	Asides []Aside `json:"asides,omitzero"`
}

// Pending is something that has yet to take effect, and the boot during which it was done: with the next one it has.
type Pending struct {
	ID     ID     `json:"id"`
	BootID string `json:"bootID"`
}

// Aside is a file that has made way for another.
type Aside struct {
	Path  winpath.Path `json:"path"`
	Aside winpath.Path `json:"aside"`
}

// Record is one resource that is ours.
type Record struct {
	ID ID `json:"id"`
	// Original is what we replaced; nil if there was nothing.
	Original *Original `json:"original,omitzero"`
	// Entries are the lines of a file, or the entries of a list, that are ours.
	Entries []string `json:"entries,omitzero"`
	// Removed are lines of others that had to go. They do not come back; that they were there is all that is noted.
	Removed []string `json:"removed,omitzero"`
	// Separator is what separates the entries of a list.
	Separator string `json:"separator,omitzero"`
	// Listed tells that the entries are all that is ours: it is somebody else's file or variable.
	Listed bool `json:"listed,omitzero"`
	// EndedLine tells that the last line of the file had no ending before we added lines.
	EndedLine bool `json:"endedLine,omitzero"`
	// Applied is a digest of the host's name that we set, to recognize it.
	Applied string `json:"applied,omitzero"`
	// Access is what we have set, if it is not inherited.
	Access Access `json:"access,omitzero"`
	// Keys are the registry's keys that we made for a value, the outermost first.
	Keys []string `json:"keys,omitzero"`
	// DependsOn are services that a service of ours depends on: dependents are removed before.
	DependsOn []string `json:"dependsOn,omitzero"`
	// Kept are the IDs of networks that had the name before us: they stay.
	Kept []string `json:"kept,omitzero"`
	// Routes are the ways to the destination that we have set.
	Routes []Route `json:"routes,omitzero"`
	// Purge tells that the directory goes with everything in it.
	Purge bool `json:"purge,omitzero"`
}

// Original is what we replaced. Contents are kept beside the manifest, by their digests.
type Original struct {
	SHA256   string            `json:"sha256,omitzero"`
	Access   *AccessState      `json:"access,omitzero"`
	Variable *EnvironmentValue `json:"variable,omitzero"`
	Registry *RegistryData     `json:"registry,omitzero"`
	Firewall *FirewallRule     `json:"firewall,omitzero"`
	Service  *ServiceConfig    `json:"service,omitzero"`
	// Routes are the ways to the destination that were there.
	Routes []Route `json:"routes,omitzero"`
	// Running tells that the service ran.
	Running  bool   `json:"running,omitzero"`
	Hostname string `json:"hostname,omitzero"`
}

// Find returns the record of a resource.
func (m Manifest) Find(id ID) (Record, bool) {
	at, found := m.search(id)
	if !found {
		return Record{}, false
	}
	return m.Records[at], true
}

// With returns a manifest in which the record stands for its resource. The receiver keeps its records.
func (m Manifest) With(record Record) Manifest {
	at, found := m.search(record.ID)
	m.Records = slices.Clone(m.Records)
	if found {
		m.Records[at] = record
	} else {
		m.Records = slices.Insert(m.Records, at, record)
	}
	return m
}

// Without returns a manifest that has no record of the resource. The receiver keeps its records.
func (m Manifest) Without(id ID) Manifest {
	if at, found := m.search(id); found {
		m.Records = slices.Delete(slices.Clone(m.Records), at, at+1)
	}
	return m
}

func (m Manifest) search(id ID) (int, bool) {
	return slices.BinarySearchFunc(m.Records, id, func(r Record, id ID) int { return r.ID.Compare(id) })
}
