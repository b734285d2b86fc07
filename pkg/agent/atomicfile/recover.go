package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Recover finishes or takes back what was interrupted: a program that was moved aside comes back if nothing has taken
// its place, though something is to be there, and goes otherwise. It returns those that still run.
func Recover(
	ctx context.Context, files host.FileSystem, asides []state.Aside, wanted func(winpath.Path) bool,
) ([]state.Aside, error) {
	var left []state.Aside
	for _, aside := range asides {
		if _, err := files.Stat(ctx, aside.Path); errors.Is(err, fs.ErrNotExist) && wanted(aside.Path) {
			err := files.Rename(ctx, aside.Aside, aside.Path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return asides, fmt.Errorf("moving %s back: %w", aside.Path, err)
			}
			continue
		}
		switch err := remove(ctx, files, aside.Aside); {
		case errors.Is(err, host.ErrInUse):
			left = append(left, aside)
		case err != nil:
			return asides, err
		}
	}
	return left, nil
}

// Sweep removes what an interrupted writer has left of a file.
func Sweep(ctx context.Context, files host.FileSystem, path winpath.Path) error {
	return remove(ctx, files, Temporary(path))
}

func remove(ctx context.Context, files host.FileSystem, path winpath.Path) error {
	if _, err := files.Stat(ctx, path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := files.Remove(ctx, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing %s: %w", path, err)
	}
	return nil
}
