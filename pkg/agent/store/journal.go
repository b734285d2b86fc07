package store

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// entry is a line of the journal. One field is set.
type entry struct {
	// Generation is in the first line: that of the manifest which the journal continues.
	Generation *uint64 `json:"generation,omitzero"`
	Owner      *string `json:"owner,omitzero"`
	// Own notes a record, in place of an earlier one of the same resource.
	Own    *state.Record `json:"own,omitzero"`
	Disown *state.ID     `json:"disown,omitzero"`
	// The others replace lists of the manifest.
	Versions *[]string        `json:"versions,omitzero"`
	Resume   *[]string        `json:"resume,omitzero"`
	Reboots  *[]state.Pending `json:"reboots,omitzero"`
	Restarts *[]state.Pending `json:"restarts,omitzero"`
	Asides   *[]state.Aside   `json:"asides,omitzero"`
}

// encodeEntry writes a line: a checksum, a space, JSON, and the line's end. A line that a power cut has damaged does
// not look like one.
func encodeEntry(e entry) ([]byte, error) {
	encoded, err := state.Encode(e)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(encoded), encoded), nil
}

func decodeEntry(line []byte) (entry, error) {
	sum, encoded, found := bytes.Cut(line, []byte(" "))
	if !found {
		return entry{}, fmt.Errorf("%d bytes without a checksum", len(line))
	}
	if want, err := strconv.ParseUint(string(sum), 16, 32); err != nil || uint32(want) != crc32.ChecksumIEEE(encoded) {
		return entry{}, fmt.Errorf("the checksum of %d bytes is wrong", len(line))
	}
	var e entry
	err := state.Decode(encoded, &e)
	return e, err
}

// replay applies a journal to the manifest that it continues. A journal of another generation is void, and so is the
// last line if it is damaged: it was being written, and what it announces had not begun. A damaged line with a good
// one after it is something else, and an error.
func replay(manifest state.Manifest, journal []byte) (state.Manifest, error) {
	var damage error
	for i, line := range bytes.Split(journal, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		e, err := decodeEntry(line)
		switch {
		case err != nil:
			if damage == nil {
				damage = fmt.Errorf("line %d: %w", i+1, err)
			}
			continue
		case damage != nil:
			return manifest, fmt.Errorf("the journal is damaged in the middle, at %w", damage)
		case i == 0 && (e.Generation == nil || *e.Generation != manifest.Generation):
			return manifest, nil
		}
		manifest = e.apply(manifest)
	}
	return manifest, nil
}

func (e entry) apply(m state.Manifest) state.Manifest {
	switch {
	case e.Own != nil:
		m = m.With(*e.Own)
	case e.Disown != nil:
		m = m.Without(*e.Disown)
	case e.Owner != nil:
		m.Owner = *e.Owner
	case e.Versions != nil:
		m.Versions = slices.Clone(*e.Versions)
	case e.Resume != nil:
		m.Resume = slices.Clone(*e.Resume)
	case e.Reboots != nil:
		m.Reboots = slices.Clone(*e.Reboots)
	case e.Restarts != nil:
		m.Restarts = slices.Clone(*e.Restarts)
	case e.Asides != nil:
		m.Asides = slices.Clone(*e.Asides)
	}
	return m
}
