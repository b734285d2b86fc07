package memhost

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

type files struct{ m *Machine }

var _ host.FileSystem = files{}

func (f files) find(path winpath.Path) (entry, error) {
	found, exists := f.m.disk.entries[path.Key()]
	if !exists {
		return entry{}, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return found, nil
}

func (f files) Stat(_ context.Context, path winpath.Path) (host.FileInfo, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.read("Stat", path.String()); err != nil {
		return host.FileInfo{}, err
	}
	found, err := f.find(path)
	if err != nil {
		return host.FileInfo{}, err
	}
	info := found.info()
	info.Name = path.Base()
	return info, nil
}

func (e entry) info() host.FileInfo {
	info := host.FileInfo{Name: e.path.Base(), Type: e.kind, Modified: e.made}
	if e.blob != nil {
		info.Size, info.Modified = int64(len(e.blob.data)), e.blob.modified
	}
	return info
}

func (f files) List(_ context.Context, path winpath.Path) ([]host.FileInfo, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.read("List", path.String()); err != nil {
		return nil, err
	}
	found, err := f.find(path)
	if err != nil {
		return nil, err
	}
	if found.kind != state.PathDirectory {
		return nil, fmt.Errorf("listing %s: it is a %s", path, found.kind)
	}
	var infos []host.FileInfo
	for _, child := range f.m.disk.children(path) {
		infos = append(infos, child.info())
	}
	return infos, nil
}

func (f files) Open(_ context.Context, path winpath.Path) (io.ReadCloser, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.read("Open", path.String()); err != nil {
		return nil, err
	}
	found, err := f.find(path)
	if err != nil {
		return nil, err
	}
	if found.kind != state.PathFile {
		return nil, fmt.Errorf("%s is a %s", path, found.kind)
	}
	return io.NopCloser(bytes.NewReader(bytes.Clone(found.blob.data))), nil
}

func (f files) Create(_ context.Context, path winpath.Path, restricted bool) (host.File, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.change("Create", path.String()); err != nil {
		return nil, err
	}
	return f.create(path, restricted)
}

func (f files) create(path winpath.Path, restricted bool) (host.File, error) {
	if err := f.needDirectory(path.Parent()); err != nil {
		return nil, err
	}
	if existing, err := f.find(path); err == nil {
		if existing.kind == state.PathDirectory {
			return nil, fmt.Errorf("creating %s: it is a directory", path)
		}
		if f.m.inUse(existing) {
			return nil, fmt.Errorf("%s: %w", path, host.ErrInUse)
		}
	}
	made := entry{path: path, kind: state.PathFile, access: inherited(), blob: &blob{modified: f.m.now}}
	if restricted {
		made.access = administrators()
	}
	f.m.disk.entries[path.Key()] = made
	return f.open(made), nil
}

func (f files) needDirectory(path winpath.Path) error {
	if found, err := f.find(path); err != nil || found.kind != state.PathDirectory {
		return fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return nil
}

// open is a file that is being written: nobody else can do more than read it until it is closed.
func (f files) open(e entry) *file {
	e.blob.writers++
	return &file{m: f.m, path: e.path, blob: e.blob}
}

func (f files) Append(_ context.Context, path winpath.Path) (host.File, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.change("Append", path.String()); err != nil {
		return nil, err
	}
	existing, err := f.find(path)
	switch {
	case err != nil:
		return f.create(path, true)
	case existing.kind != state.PathFile:
		return nil, fmt.Errorf("opening %s: it is a %s", path, existing.kind)
	case f.m.inUse(existing):
		return nil, fmt.Errorf("%s: %w", path, host.ErrInUse)
	}
	return f.open(existing), nil
}

func (f files) Rename(_ context.Context, from, to winpath.Path) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.change("Rename", from.String()+" to "+to.String()); err != nil {
		return err
	}
	moved, err := f.find(from)
	if err != nil {
		return err
	}
	if err := f.needDirectory(to.Parent()); err != nil {
		return err
	}
	replaced, exists := f.m.disk.entries[to.Key()]
	if moved.kind != state.PathFile || moved.blob.open() {
		return fmt.Errorf("%s: %w", from, host.ErrInUse)
	}
	if exists && (replaced.kind != state.PathFile || f.m.inUse(replaced)) {
		return fmt.Errorf("%s: %w", to, host.ErrInUse)
	}
	delete(f.m.disk.entries, from.Key())
	moved.path = to
	f.m.disk.entries[to.Key()] = moved
	f.m.disk.flush()
	return nil
}

func (f files) Remove(_ context.Context, path winpath.Path) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.change("Remove", path.String()); err != nil {
		return err
	}
	found, err := f.find(path)
	switch {
	case err != nil:
		return err
	case found.kind == state.PathDirectory && len(f.m.disk.children(path)) > 0:
		return fmt.Errorf("%s: %w", path, host.ErrNotEmpty)
	case f.m.inUse(found):
		return fmt.Errorf("%s: %w", path, host.ErrInUse)
	}
	delete(f.m.disk.entries, path.Key())
	return nil
}

func (f files) MakeDirectory(_ context.Context, path winpath.Path) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.change("MakeDirectory", path.String()); err != nil {
		return err
	}
	if err := f.needDirectory(path.Parent()); err != nil {
		return err
	}
	if _, err := f.find(path); err == nil {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	f.m.disk.entries[path.Key()] = entry{path: path, kind: state.PathDirectory, access: inherited(), made: f.m.now}
	return nil
}

func (f files) Access(_ context.Context, path winpath.Path) (state.AccessState, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.read("Access", path.String()); err != nil {
		return state.AccessState{}, err
	}
	found, err := f.find(path)
	return state.AccessState(found.access), err
}

func (f files) SetAccess(_ context.Context, path winpath.Path, to state.AccessState) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.change("SetAccess", path.String()); err != nil {
		return err
	}
	found, err := f.find(path)
	if err != nil {
		return err
	}
	if found.access, err = found.access.set(to); err != nil {
		return fmt.Errorf("setting access of %s: %w", path, err)
	}
	f.m.disk.entries[path.Key()] = found
	return nil
}

// inUse tells whether somebody has the file open without sharing, or it is a program that runs.
func (m *Machine) inUse(found entry) bool {
	if found.blob == nil {
		return false
	}
	for _, process := range m.running {
		if process.blob == found.blob {
			return true
		}
	}
	return found.blob.open()
}

func (b *blob) open() bool { return b.held > 0 || b.writers > 0 }
