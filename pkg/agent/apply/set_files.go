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
	if exists && is.Type != state.PathDirectory {
		return becameAnother(is.Type)
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
	case record.Original != nil && settable(record.Original.Access) != nil:
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
	if exists && is.Type != state.PathFile {
		return becameAnother(is.Type)
	}
	noted, known := r.record(file.ID())
	record := noted
	if !known {
		if record, err = r.preserve(ctx, file, is, exists, record); err != nil {
			return err
		}
	}
	options := atomicfile.Options{
		SHA256: file.SHA256, Restricted: file.Access == state.AccessAdministrators, MakeWay: r.makeWay,
		Access: keptAccess(file, is, record),
	}
	if !known || record.Listed || len(file.Lines) > 0 {
		options.Replaces = &is.SHA256 // What others write meanwhile is neither preserved nor in what is written.
	}
	record.Access = file.Access
	if len(file.Lines) > 0 {
		err = r.setLines(ctx, file, is, record, known, options)
	} else {
		err = r.setWhole(ctx, file, is, record, options)
	}
	if errors.Is(err, atomicfile.ErrChanged) {
		return errors.Join(err, r.unnote(noted, known)) // What was preserved is no longer what is there.
	}
	return err
}

// unnote takes back what was noted of a resource before a change of it that did not come about.
func (r *runner) unnote(noted state.Record, known bool) error {
	if known {
		return r.session.Own(noted)
	}
	return r.session.Disown(noted.ID)
}

// becameAnother is an error about what the plan has not seen: a link above all, of which only what it leads to could be
// given back.
func becameAnother(is state.PathType) error { return fmt.Errorf("it is a %s by now: plan again", is) }

// setWhole makes all of a file what is desired.
func (r *runner) setWhole(
	ctx context.Context, file state.File, is state.ObservedPath, record state.Record, options atomicfile.Options,
) error {
	record, err := r.takeWhole(ctx, is, record)
	if err != nil {
		return err
	}
	if err := r.session.Own(record); err != nil {
		return err
	}
	if is.Type != "" && is.SHA256 == file.SHA256 {
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

func (r *runner) content(ctx context.Context, file state.File) (io.ReadCloser, error) {
	if file.Inline != nil {
		return io.NopCloser(bytes.NewReader(merge.Rendered(file))), nil
	}
	return r.Store.OpenContent(ctx, file.SHA256)
}

func (r *runner) makeWay(_ context.Context, aside state.Aside) error {
	return r.session.SetAsides(slices.Concat(r.session.Manifest().Asides, []state.Aside{aside}))
}
