package memhost

import (
	"bytes"
	"fmt"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// file is a file being written.
type file struct {
	m      *Machine
	path   winpath.Path
	blob   *blob
	closed bool
}

// Write writes half of it if that is when the process dies.
func (f *file) Write(data []byte) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	alive := !f.m.faults.dead
	if err := f.m.change("Write", f.path.String()); err != nil {
		if alive && f.m.faults.dead {
			f.blob.data = append(f.blob.data, data[:len(data)/2]...)
		}
		return 0, err
	}
	if f.closed {
		return 0, fmt.Errorf("writing %s: %w", f.path, fs.ErrClosed)
	}
	f.blob.modified = f.m.now
	if int64(len(data)) > f.m.disk.free {
		written := int(f.m.disk.free)
		f.blob.data = append(f.blob.data, data[:written]...)
		f.m.disk.free = 0
		return written, fmt.Errorf("writing %s: %w", f.path, host.ErrDiskFull)
	}
	f.blob.data = append(f.blob.data, data...)
	return len(data), nil
}

func (f *file) Sync() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.change("Sync", f.path.String()); err != nil {
		return err
	}
	if f.closed {
		return fmt.Errorf("flushing %s: %w", f.path, fs.ErrClosed)
	}
	f.blob.synced = bytes.Clone(f.blob.data)
	f.m.disk.flush()
	return nil
}

func (f *file) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.read("Close", f.path.String()); err != nil {
		return err
	}
	if f.closed {
		return fmt.Errorf("closing %s: %w", f.path, fs.ErrClosed)
	}
	f.closed = true
	f.blob.writers = max(0, f.blob.writers-1) // A process that has died has closed it before.
	return nil
}
