package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/merge"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func (r *runner) setDirectory(ctx context.Context, directory state.Directory) error {
	is, exists, err := r.path(ctx, directory.ID())
	if err != nil {
		return err
	}
	record, known := r.record(directory.ID())
	if !known && exists {
		record.Original = &state.Original{Access: &is.Access}
	}
	before := record.Access
	record.Purge = directory.Purge && record.Original == nil
	record.Access = directory.Access
	if err := r.session.Own(record); err != nil {
		return err
	}
	if !exists {
		if err := r.Host.Files.MakeDirectory(ctx, directory.Path); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if directory.Access == state.AccessInherited && before == state.AccessInherited {
		return nil
	}
	return r.Host.Files.SetAccess(ctx, directory.Path, wantedAccess(directory.Access, record))
}

// wantedAccess is what is asked for, or what was there before us.
func wantedAccess(access state.Access, record state.Record) state.AccessState {
	switch {
	case access == state.AccessAdministrators:
		return state.AccessState{Level: state.AccessLevelAdministrators}
	case record.Original != nil && record.Original.Access != nil:
		return *record.Original.Access
	default:
		return state.AccessState{Level: state.AccessLevelInherited}
	}
}

// path observes a file, with its content, or a directory.
func (r *runner) path(ctx context.Context, id state.ID) (state.ObservedPath, bool, error) {
	observed, err := observe.Resources(ctx, r.Host, observe.Only(id))
	for _, path := range observed.Paths {
		return path, true, err
	}
	return state.ObservedPath{}, false, err
}

func (r *runner) setFile(ctx context.Context, file state.File) error {
	is, exists, err := r.path(ctx, file.ID())
	if err != nil {
		return err
	}
	record, known := r.record(file.ID())
	if !known {
		if record, err = r.preserve(ctx, file, is, exists, record); err != nil {
			return err
		}
	}
	options := atomicfile.Options{
		SHA256: file.SHA256, Restricted: file.Access == state.AccessAdministrators, MakeWay: r.makeWay,
		Access: keptAccess(file, is, record),
	}
	record.Access = file.Access
	if len(file.Lines) > 0 {
		return r.setLines(ctx, file, is, record, known, options)
	}
	if record, err = r.takeWhole(ctx, is, record); err != nil {
		return err
	}
	if err := r.session.Own(record); err != nil {
		return err
	}
	if exists && is.SHA256 == file.SHA256 {
		return r.Host.Files.SetAccess(ctx, file.Path, wantedAccess(file.Access, record)) // All else is right.
	}
	content, err := r.content(ctx, file)
	if err != nil {
		return err
	}
	defer content.Close()
	return atomicfile.Write(ctx, r.Host.Files, file.Path, content, options)
}

// keptAccess is the access that a new file has to be given because the one it replaces has it: somebody has set it
// on purpose. Nil is what the directory passes on.
func keptAccess(file state.File, is state.ObservedPath, record state.Record) *state.AccessState {
	access := is.Access
	switch {
	case file.Access != state.AccessInherited:
		return nil
	case record.Access != state.AccessInherited:
		access = wantedAccess(file.Access, record)
	}
	if access.Level == state.AccessLevelOther || access.Level == state.AccessLevelAdministrators {
		return &access
	}
	return nil
}

// preserve keeps the original of a file that is not ours yet.
func (r *runner) preserve(
	ctx context.Context, file state.File, is state.ObservedPath, exists bool, record state.Record,
) (state.Record, error) {
	if !exists {
		return record, nil
	}
	digest, err := r.Store.Preserve(ctx, file.Path)
	if err != nil {
		return record, fmt.Errorf("preserving the original: %w", err)
	}
	record.Original = &state.Original{SHA256: digest, Access: &is.Access}
	return record, nil
}

// takeWhole turns a file in which lines were ours into one that is ours. What others have written until now is its
// original.
func (r *runner) takeWhole(ctx context.Context, is state.ObservedPath, record state.Record) (state.Record, error) {
	if record.Listed && record.Original != nil {
		theirs, err := theirLines(is, record)
		if err != nil {
			return record, err
		}
		original := *record.Original
		original.SHA256 = state.Digest(theirs)
		if err := r.Store.PreserveContent(ctx, original.SHA256, bytes.NewReader(theirs)); err != nil {
			return record, fmt.Errorf("preserving what others wrote: %w", err)
		}
		record.Original = &original
	}
	record.Entries, record.Removed, record.Listed, record.EndedLine = nil, nil, false, false
	return record, nil
}

// theirLines is a file without our lines. That its last line had no ending before us matters only as long as nobody
// else has changed the file: then the result is the original, byte by byte.
func theirLines(is state.ObservedPath, record state.Record) ([]byte, error) {
	if is.Content == nil {
		return nil, fmt.Errorf("%s has %d bytes, too many to take our lines out", record.ID.Name, is.Size)
	}
	lines := merge.Split(is.Content)
	exact := lines.Remove(record.Entries, record.EndedLine).Bytes()
	if record.Original != nil && state.Digest(exact) == record.Original.SHA256 {
		return exact, nil
	}
	return lines.Remove(record.Entries, false).Bytes(), nil
}

// setLines changes lines. While that happens both the old and the new ones are noted as ours, and before it what goes
// though it is not.
func (r *runner) setLines(
	ctx context.Context, file state.File, is state.ObservedPath, record state.Record, known bool,
	options atomicfile.Options,
) error {
	content := is.Content
	if known && !record.Listed {
		original, err := r.originalContent(ctx, record) // All of it was ours until now.
		if err != nil {
			return err
		}
		content = original
	}
	lines := merge.Split(content)
	unwanted := lines.Where(file.Unwanted)
	record.Removed = union(record.Removed, others(unwanted, record.Entries))
	lines = lines.Remove(unwanted, false)
	change := changeOf(record.Entries, file.Lines, lines.Missing)
	record.EndedLine = record.EndedLine || len(record.Entries) == 0 && lines.EndsWithin()
	record.Entries, record.Listed = change.during, true
	if err := r.session.Own(record); err != nil {
		return err
	}
	after := lines.Remove(change.surplus, false).Add(change.missing).Bytes()
	if err := atomicfile.Write(ctx, r.Host.Files, file.Path, bytes.NewReader(after), options); err != nil {
		return err
	}
	record.Entries = change.after
	return r.session.Own(record)
}

func (r *runner) originalContent(ctx context.Context, record state.Record) ([]byte, error) {
	if record.Original == nil || record.Original.SHA256 == "" {
		return nil, nil
	}
	original, err := r.Store.OpenOriginal(ctx, record.Original.SHA256)
	if err != nil {
		return nil, err
	}
	defer original.Close()
	return io.ReadAll(original)
}

func (r *runner) content(ctx context.Context, file state.File) (io.ReadCloser, error) {
	if file.Inline != nil {
		return io.NopCloser(bytes.NewReader(merge.Rendered(file))), nil
	}
	return r.Store.OpenContent(ctx, file.SHA256)
}

func (r *runner) makeWay(_ context.Context, aside state.Aside) error {
	return r.session.SetAsides(slices.Concat(r.session.Manifest().Asides, []state.Aside{aside}))
}
