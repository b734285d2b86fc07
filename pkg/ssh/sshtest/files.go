package sshtest

import (
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/pkg/sftp"
)

// Operation is something that a client does to a file.
type Operation struct {
	// Method is Open, Read, Write, List, Stat, or one of those that github.com/pkg/sftp calls commands: Setstat,
	// PosixRename, Rename, Remove, Rmdir, Mkdir.
	Method string
	// Path is such as C:/k/kubelet.exe. Target is the new name when the file is renamed.
	Path, Target string
	// Offset and Length are where and how much is read or written.
	Offset int64
	Length int
}

// files serves a directory in which there is a directory C:.
type files struct {
	drive *os.Root
	fault func(Operation) error
}

var (
	_ sftp.FileReader           = (*files)(nil)
	_ sftp.OpenFileWriter       = (*files)(nil)
	_ sftp.PosixRenameFileCmder = (*files)(nil)
	_ sftp.FileLister           = (*files)(nil)
)

// local is a path below the drive's directory: clients say C:/k, and the library makes /C:/k of it.
func local(path string) string { return strings.TrimPrefix(path, "/") }

func (f *files) allowed(operation Operation) error {
	if f.fault == nil {
		return nil
	}
	return f.fault(operation)
}

func (f *files) Fileread(r *sftp.Request) (io.ReaderAt, error) { return f.OpenFile(r) }

func (f *files) Filewrite(r *sftp.Request) (io.WriterAt, error) { return f.OpenFile(r) }

func (f *files) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) {
	path := local(r.Filepath)
	if err := f.allowed(Operation{Method: "Open", Path: path}); err != nil {
		return nil, err
	}
	wanted, flags := r.Pflags(), os.O_RDONLY
	switch {
	case wanted.Read && wanted.Write:
		flags = os.O_RDWR
	case wanted.Write:
		flags = os.O_WRONLY
	}
	if wanted.Creat {
		flags |= os.O_CREATE
	}
	if wanted.Trunc {
		flags |= os.O_TRUNC
	}
	if wanted.Excl {
		flags |= os.O_EXCL
	}
	opened, err := f.drive.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	return &file{File: opened, path: path, allowed: f.allowed}, nil
}

func (f *files) Filecmd(r *sftp.Request) error {
	operation := Operation{Method: r.Method, Path: local(r.Filepath), Target: local(r.Target)}
	if err := f.allowed(operation); err != nil {
		return err
	}
	switch r.Method {
	case "Remove", "Rmdir":
		return f.drive.Remove(operation.Path)
	case "Mkdir":
		return f.drive.Mkdir(operation.Path, 0o700)
	case "Rename":
		if _, err := f.drive.Lstat(operation.Target); err == nil {
			return fs.ErrExist
		}
		return f.drive.Rename(operation.Path, operation.Target)
	case "Setstat":
		return f.resize(r)
	default:
		return sftp.ErrSSHFxOpUnsupported
	}
}

func (f *files) resize(r *sftp.Request) error {
	if !r.AttrFlags().Size {
		return nil
	}
	opened, err := f.drive.OpenFile(local(r.Filepath), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer opened.Close()
	return opened.Truncate(int64(r.Attributes().Size)) //nolint:gosec // Tests have small files.
}

func (f *files) PosixRename(r *sftp.Request) error {
	operation := Operation{Method: "PosixRename", Path: local(r.Filepath), Target: local(r.Target)}
	if err := f.allowed(operation); err != nil {
		return err
	}
	return f.drive.Rename(operation.Path, operation.Target)
}

func (f *files) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	path := local(r.Filepath)
	if err := f.allowed(Operation{Method: r.Method, Path: path}); err != nil {
		return nil, err
	}
	if r.Method != "List" {
		info, err := f.drive.Stat(path)
		return listing{info}, err
	}
	opened, err := f.drive.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	entries, err := opened.Readdir(-1)
	return listing(entries), err
}

// file is an open file.
type file struct {
	*os.File
	path    string
	allowed func(Operation) error
}

func (f *file) ReadAt(buffer []byte, offset int64) (int, error) {
	if err := f.allowed(Operation{Method: "Read", Path: f.path, Offset: offset, Length: len(buffer)}); err != nil {
		return 0, err
	}
	return f.File.ReadAt(buffer, offset)
}

func (f *file) WriteAt(data []byte, offset int64) (int, error) {
	if err := f.allowed(Operation{Method: "Write", Path: f.path, Offset: offset, Length: len(data)}); err != nil {
		return 0, err
	}
	return f.File.WriteAt(data, offset)
}

// listing is what a directory has.
type listing []fs.FileInfo

func (l listing) ListAt(into []fs.FileInfo, offset int64) (int, error) {
	if offset >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(into, l[offset:])
	if n < len(into) {
		return n, io.EOF
	}
	return n, nil
}
