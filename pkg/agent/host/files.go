package host

import (
	"context"
	"io"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// FileSystem is the local drives. Links are never followed by a method that changes something.
//
// Metadata (names, sizes, access) reach the disk in the order in which they were changed, as NTFS's log has them: what
// makes one change durable makes durable all that came before. Content does not: see File.Sync.
type FileSystem interface {
	// Stat describes a file or directory. Of a link it describes the link.
	Stat(ctx context.Context, path winpath.Path) (FileInfo, error)
	// List returns what is in a directory, in any order.
	List(ctx context.Context, path winpath.Path) ([]FileInfo, error)
	// Open reads a file that others may be writing, executing, renaming or deleting.
	Open(ctx context.Context, path winpath.Path) (io.ReadCloser, error)
	// Create makes an empty file, or empties one, and opens it for writing. The directory has to be there.
	// With restricted, only SYSTEM and Administrators have access from the first moment on.
	Create(ctx context.Context, path winpath.Path, restricted bool) (File, error)
	// Append opens a file for writing at its end, and makes it if it is not there, restricted.
	Append(ctx context.Context, path winpath.Path) (File, error)
	// Rename gives a file another name on the same drive, in one step and durably (MoveFileEx with
	// MOVEFILE_WRITE_THROUGH), replacing a file that has that name. It is ErrInUse if either is open in a way that
	// forbids it. A running program can be renamed, but not replaced.
	Rename(ctx context.Context, from, to winpath.Path) error
	// Remove deletes a file, a link (not what it leads to), or an empty directory; ErrInUse and ErrNotEmpty otherwise.
	// A file that is marked read-only is deleted all the same.
	Remove(ctx context.Context, path winpath.Path) error
	// MakeDirectory makes one directory in another that is there. It is fs.ErrExist if the name is taken.
	MakeDirectory(ctx context.Context, path winpath.Path) error
	// Access is the owner and the access list of a file or directory. What anybody owns but SYSTEM, Administrators and
	// Windows' installer is AccessLevelOther, since an owner can change the list at any time.
	Access(ctx context.Context, path winpath.Path) (state.AccessState, error)
	// SetAccess sets both: by level, or by SDDL where the level is AccessLevelOther; an SDDL without an owner leaves it. By
	// level, Administrators become the owner, unless the SDDL names another of those.
	SetAccess(ctx context.Context, path winpath.Path, access state.AccessState) error
}

// File is a file being written.
type File interface {
	io.Writer
	// Sync returns when everything that was written is on the disk (FlushFileBuffers). Without it, a loss of power
	// can leave the file with its name and size, but other content.
	Sync() error
	io.Closer
}

// FileInfo describes a file or directory.
type FileInfo struct {
	// Name is the last component of the path.
	Name string
	Type state.PathType
	// Size in bytes; 0 unless it is a file.
	Size     int64
	Modified time.Time
}
