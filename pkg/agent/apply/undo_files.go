package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func (r *runner) takeBackDirectory(ctx context.Context, path winpath.Path, record state.Record) error {
	if record.Original != nil {
		if access := settable(record.Original.Access); access != nil {
			return r.Host.Files.SetAccess(ctx, path, *access)
		}
		return nil
	}
	if record.Purge {
		return r.purge(ctx, path)
	}
	err := r.Host.Files.Remove(ctx, path)
	if errors.Is(err, host.ErrNotEmpty) {
		r.tell(Event{Note: fmt.Sprintf("%s stays: it has something in it that is not ours.", path)})
		return nil
	}
	return ignoreMissing(err)
}

// purge deletes a directory with everything in it. What a link leads to is not in it.
func (r *runner) purge(ctx context.Context, path winpath.Path) error {
	infos, err := r.Host.Files.List(ctx, path)
	if err != nil {
		return ignoreMissing(err)
	}
	for _, info := range infos {
		below := path.Join(info.Name)
		if info.Type == state.PathDirectory {
			err = r.purge(ctx, below)
		} else {
			err = ignoreMissing(r.Host.Files.Remove(ctx, below))
		}
		if err != nil {
			return err
		}
	}
	return ignoreMissing(r.Host.Files.Remove(ctx, path))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (r *runner) takeBackFile(ctx context.Context, path winpath.Path, record state.Record) error {
	is, exists, err := r.path(ctx, record.ID)
	if err != nil {
		return err
	}
	if record.Listed {
		return r.takeBackLines(ctx, path, is, exists, record)
	}
	if record.Original == nil {
		return ignoreMissing(r.Host.Files.Remove(ctx, path))
	}
	return r.restoreFile(ctx, path, exists, record)
}

// restoreFile puts back what was there before us. If that is lost, somebody has to decide: where ours is gone too, nobody
// needs either.
func (r *runner) restoreFile(ctx context.Context, path winpath.Path, exists bool, record state.Record) error {
	original, err := r.Store.OpenOriginal(ctx, record.Original.SHA256)
	switch {
	case errors.Is(err, store.ErrLost) && !exists:
		return nil
	case errors.Is(err, store.ErrLost):
		return fmt.Errorf("%w. Bring it back, or delete %s if nobody needs what it was", err, path)
	case err != nil:
		return err
	}
	defer original.Close()
	return atomicfile.Write(ctx, r.Host.Files, path, original, atomicfile.Options{
		SHA256: record.Original.SHA256, Access: settable(record.Original.Access), MakeWay: r.makeWay,
	})
}

// settable is access that can be set: what cannot be told is left to the directory.
func settable(access *state.AccessState) *state.AccessState {
	if access == nil || access.Level == state.AccessLevelUnknown {
		return nil
	}
	return access
}

func (r *runner) takeBackLines(
	ctx context.Context, path winpath.Path, is state.ObservedPath, exists bool, record state.Record,
) error {
	if !exists {
		return nil
	}
	left, err := theirLines(is, record)
	if err != nil {
		return err
	}
	if len(left) == 0 && record.Original == nil {
		if err := atomicfile.Unchanged(ctx, r.Host.Files, path, is.SHA256); err != nil {
			return err
		}
		return ignoreMissing(r.Host.Files.Remove(ctx, path))
	}
	access := &is.Access
	if record.Access != state.AccessInherited && record.Original != nil {
		access = record.Original.Access // What is set now was ours.
	}
	options := atomicfile.Options{Access: settable(access), Replaces: &is.SHA256, MakeWay: r.makeWay}
	return atomicfile.Write(ctx, r.Host.Files, path, bytes.NewReader(left), options)
}
