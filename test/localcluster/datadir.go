package localcluster

import (
	"fmt"
	"os"
	"path/filepath"
)

// temporaryPrefix starts the name of every temporary data directory.
const temporaryPrefix = "mullion-cluster-"

// lockName is the file in a temporary data directory whose lock its owner holds while it lives.
const lockName = "owner.lock"

// dataDir is where a cluster keeps its database, keys, logs and audit trail.
type dataDir struct {
	path  string
	owner *os.File // The lock of a temporary directory; nil when the caller asked for a directory to keep.
}

// newDataDir makes the directory that the caller named, or a temporary one.
func newDataDir(path string) (*dataDir, error) {
	if path != "" {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("finding data directory %s: %w", path, err)
		}
		if err := os.MkdirAll(absolute, 0o700); err != nil {
			return nil, fmt.Errorf("making data directory: %w", err)
		}
		return &dataDir{path: absolute}, nil
	}
	removeAbandoned(os.TempDir())
	temporary, err := os.MkdirTemp("", temporaryPrefix)
	if err != nil {
		return nil, fmt.Errorf("making data directory: %w", err)
	}
	owner, err := claim(temporary)
	if err != nil {
		_ = os.RemoveAll(temporary) // The error to report is the one above.
		return nil, err
	}
	return &dataDir{path: temporary, owner: owner}, nil
}

// claim locks the directory for its owner. The lock is taken before the file gets its name, so that nobody
// ever sees a directory with a lock that could be taken from a living owner.
func claim(dir string) (*os.File, error) {
	unnamed := filepath.Join(dir, lockName+".new")
	owner, err := tryLock(unnamed)
	if err != nil {
		return nil, fmt.Errorf("claiming data directory: %w", err)
	}
	if err := os.Rename(unnamed, filepath.Join(dir, lockName)); err != nil {
		_ = owner.Close() // The error to report is the one above.
		return nil, fmt.Errorf("claiming data directory: %w", err)
	}
	return owner, nil
}

// removeAbandoned removes the temporary directories of clusters whose process died without Stop. It is
// thrift, not correctness: whatever it cannot remove stays.
func removeAbandoned(parent string) {
	locks, err := filepath.Glob(filepath.Join(parent, temporaryPrefix+"*", lockName))
	if err != nil {
		return
	}
	for _, lock := range locks {
		if file, err := tryLock(lock); err == nil {
			_ = os.RemoveAll(filepath.Dir(lock)) // See above.
			_ = file.Close()
		}
	}
}

// join returns the path of a file in the directory.
func (d *dataDir) join(elements ...string) string {
	return filepath.Join(append([]string{d.path}, elements...)...)
}

// close removes the directory if it is temporary.
func (d *dataDir) close() error {
	if d.owner == nil {
		return nil
	}
	defer func() { _ = d.owner.Close() }()
	if err := os.RemoveAll(d.path); err != nil {
		return fmt.Errorf("removing data directory: %w", err)
	}
	return nil
}
