package programs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Others are the directories of all versions but that of a program. Where the program is no version, there are none: it
// is not for it to judge.
func Others(ctx context.Context, files host.FileSystem, program winpath.Path) ([]winpath.Path, error) {
	running, below := program.Child(Root)
	if !below || !isVersion(strings.ToLower(running)) {
		return nil, nil
	}
	infos, err := files.List(ctx, Root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing %s: %w", Root, err)
	}
	var others []winpath.Path
	for _, info := range infos {
		if info.Type == state.PathDirectory && isVersion(info.Name) && winpath.Fold(info.Name) != winpath.Fold(running) {
			others = append(others, Root.Join(info.Name))
		}
	}
	return others, nil
}

// Remove removes a version: the directory with its program, and with what an interrupted upload of it has left. One
// that has anything else in it, or another program than its name says, is not ours, and stays as it is. One that runs
// stays, too, for whoever comes next; neither is an error.
//
// A directory in which there is nothing but the beginning of a program may be on its way, and goes only with
// abandoned.
func Remove(ctx context.Context, files host.FileSystem, version winpath.Path, abandoned bool) error {
	paths, ours, err := look(ctx, files, version, abandoned)
	if err != nil {
		return fmt.Errorf("looking at a former version of the agent: %w", err)
	}
	if !ours {
		return nil
	}
	for _, path := range append(paths, version) {
		err := files.Remove(ctx, path)
		switch {
		case errors.Is(err, host.ErrInUse) || errors.Is(err, host.ErrNotEmpty):
			return nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("removing a former version of the agent: %w", err)
		}
	}
	return nil
}

// look tells what is in a directory, the program last, and whether all of it is ours. An empty one is: somebody was
// interrupted who removed it.
func look(ctx context.Context, files host.FileSystem, version winpath.Path, abandoned bool) ([]winpath.Path, bool, error) {
	infos, err := files.List(ctx, version)
	if err != nil {
		return nil, false, err
	}
	var part, program []winpath.Path
	for _, info := range infos {
		path := version.Join(info.Name)
		switch {
		case info.Type != state.PathFile:
			return nil, false, nil
		case info.Name == Name+"."+version.Base()+unfinished:
			part = append(part, path)
		case info.Name == Name:
			digest, err := observe.FileDigest(ctx, files, path)
			if err != nil || !strings.HasPrefix(digest, version.Base()) {
				return nil, false, err
			}
			program = append(program, path)
		default:
			return nil, false, nil
		}
	}
	onItsWay := len(part) > 0 && len(program) == 0
	return append(part, program...), abandoned || !onItsWay, nil
}
