// Package atomicfile replaces files of a host so that at any moment, and after a loss of power at any moment, there
// is either all of the old content or all of the new.
package atomicfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Options are what a caller may want besides.
type Options struct {
	// SHA256 is what the content has to be; empty is anything.
	SHA256 string
	// Restricted gives access to SYSTEM and Administrators only, from the first byte on.
	Restricted bool
	// Access is set instead of what the directory passes on.
	Access *state.AccessState
	// Replaces is the digest of what is to be replaced, empty where nothing is. If it is something else by the time that the
	// new content could take its place, that is ErrChanged. Nil replaces whatever is there.
	Replaces *string
	// MakeWay allows to rename the old file if it is a program that runs, and is told before. Nil does not allow it.
	MakeWay func(ctx context.Context, aside state.Aside) error
}

// ErrChanged is a file that somebody else has written while new content was made from the old.
var ErrChanged = errors.New("somebody has just changed it, and that would be lost: nothing was done, try again")

// Temporary is the name under which the new content of a file is written, in the same directory so that renaming is
// one step. It is always the same so that what an interrupted writer left is found.
func Temporary(path winpath.Path) winpath.Path { return path + ".mullion-new" }

// Write replaces a file, or makes it in a directory that is there. If that fails, the old content is untouched and
// nothing is left of the new.
func Write(ctx context.Context, files host.FileSystem, path winpath.Path, content io.Reader, options Options) error {
	temporary := Temporary(path)
	err := writeTemporary(ctx, files, temporary, content, options)
	if err == nil && options.Replaces != nil {
		err = Unchanged(ctx, files, path, *options.Replaces)
	}
	if err == nil {
		err = putInPlace(ctx, files, path, options.MakeWay)
	}
	if err != nil {
		if removing := remove(context.WithoutCancel(ctx), files, temporary); removing != nil {
			err = errors.Join(err, removing)
		}
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// Unchanged is ErrChanged if a file has another digest, empty if it is not to be there. Between this and what comes after
// it somebody can still write, but not while content is made, written and synced, which takes a thousand times as long.
func Unchanged(ctx context.Context, files host.FileSystem, path winpath.Path, sha256 string) error {
	digest, err := observe.FileDigest(ctx, files, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		digest = ""
	case err != nil:
		return err
	}
	if digest != sha256 {
		return ErrChanged
	}
	return nil
}

func writeTemporary(
	ctx context.Context, files host.FileSystem, path winpath.Path, content io.Reader, options Options,
) error {
	// What is given an access of its own has less than the directory would give it, more often than not.
	file, err := files.Create(ctx, path, options.Restricted || options.Access != nil)
	if err != nil {
		return fmt.Errorf("creating %s: %w", path, err)
	}
	digest := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, digest), observe.ContextReader(ctx, content))
	if err == nil && options.SHA256 != "" && hex.EncodeToString(digest.Sum(nil)) != options.SHA256 {
		err = fmt.Errorf("the content has the digest %x instead of %s: upload it again", digest.Sum(nil), options.SHA256)
	}
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil && options.Access != nil {
		err = files.SetAccess(ctx, path, *options.Access)
	}
	return err
}

func putInPlace(
	ctx context.Context, files host.FileSystem, path winpath.Path, makeWay func(context.Context, state.Aside) error,
) error {
	err := files.Rename(ctx, Temporary(path), path)
	if !errors.Is(err, host.ErrInUse) || makeWay == nil {
		return err
	}
	aside, err := freeName(ctx, files, path)
	if err != nil {
		return err
	}
	if err := makeWay(ctx, state.Aside{Path: path, Aside: aside}); err != nil {
		return err
	}
	if err := files.Rename(ctx, path, aside); err != nil {
		return fmt.Errorf("moving the running program aside: %w", err)
	}
	return files.Rename(ctx, Temporary(path), path)
}

// freeName is a name to move a program to. Earlier ones that still run keep theirs.
func freeName(ctx context.Context, files host.FileSystem, path winpath.Path) (winpath.Path, error) {
	const most = 10
	for n := range most {
		aside := path + winpath.Path(".mullion-old"+strconv.Itoa(n))
		if err := remove(ctx, files, aside); err == nil {
			return aside, nil
		}
	}
	return "", fmt.Errorf("%d earlier versions of the program still run: %w", most, host.ErrInUse)
}
