package memhost

import (
	"maps"
	"slices"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// disk is a file system with a log of its metadata: names become durable in order, all of them whenever anything is
// synced, while content is durable only where it was synced itself.
type disk struct {
	entries map[string]entry
	durable map[string]entry
	free    int64
}

// entry is a name and what it is for.
type entry struct {
	path   winpath.Path
	kind   state.PathType
	access access
	blob   *blob
	// made is when the name was given to a directory or link; a file has a time of its own.
	made time.Time
}

// blob is the content of a file.
type blob struct {
	data   []byte
	synced []byte
	// held counts those that have it open and let others read it: other processes, and ours that writes it.
	held, writers int
	modified      time.Time
}

func newDisk() disk { return disk{entries: map[string]entry{}, free: 100 << 30} }

func (d *disk) flush() { d.durable = maps.Clone(d.entries) }

func (d *disk) syncAll() {
	for _, entry := range d.entries {
		if entry.blob != nil {
			entry.blob.synced = slices.Clone(entry.blob.data)
		}
	}
	d.flush()
}

// closeAll closes what our process has open.
func (d *disk) closeAll() {
	for _, entry := range d.entries {
		if entry.blob != nil {
			entry.blob.writers = 0
		}
	}
}

// losePower takes back what is not durable. A name of which the content was never synced is left with nothing.
func (d *disk) losePower() {
	d.entries = maps.Clone(d.durable)
	for _, entry := range d.entries {
		if entry.blob != nil {
			entry.blob.data = slices.Clone(entry.blob.synced)
			entry.blob.held, entry.blob.writers = 0, 0
		}
	}
}

// clone also returns which copy each content has.
func (d *disk) clone() (disk, map[*blob]*blob) {
	blobs := map[*blob]*blob{}
	copied := func(entries map[string]entry) map[string]entry {
		clone := maps.Clone(entries)
		for key, entry := range clone {
			if entry.blob == nil {
				continue
			}
			if blobs[entry.blob] == nil {
				blobs[entry.blob] = &blob{
					data: slices.Clone(entry.blob.data), synced: slices.Clone(entry.blob.synced), held: entry.blob.held,
					modified: entry.blob.modified,
				}
			}
			entry.blob = blobs[entry.blob]
			clone[key] = entry
		}
		return clone
	}
	return disk{entries: copied(d.entries), durable: copied(d.durable), free: d.free}, blobs
}

func (d *disk) children(path winpath.Path) []entry {
	var children []entry
	for _, key := range slices.Sorted(maps.Keys(d.entries)) {
		if child := d.entries[key]; !child.path.IsRoot() && child.path.Parent().Equal(path) {
			children = append(children, child)
		}
	}
	return children
}
