package supportbundle

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"time"
)

// errFull tells that a file would not fit any more.
var errFull = errors.New("the archive would grow beyond --max-size")

// writeError is an error of where the archive goes to, rather than of where its files come from.
type writeError struct{ error }

// Unwrap returns what went wrong.
func (e *writeError) Unwrap() error { return e.error }

// archive is a gzipped tar of bounded size.
type archive struct {
	compressed *gzip.Writer
	files      *tar.Writer
	room       int64
	time       time.Time
	err        error // The first of writing; nothing is written after it.
}

// newArchive begins an archive whose files together have at most so many bytes. They all have one time.
func newArchive(out io.Writer, size int64, now time.Time) *archive {
	compressed := gzip.NewWriter(out)
	return &archive{compressed: compressed, files: tar.NewWriter(compressed), room: size, time: now}
}

// add adds a file if there is room for it.
func (a *archive) add(path string, content []byte) error {
	if int64(len(content)) > a.room {
		return errFull
	}
	return a.addAnyway(path, content)
}

// addAnyway adds a file that has to be there.
func (a *archive) addAnyway(path string, content []byte) error {
	if a.err != nil {
		return a.err
	}
	a.room -= int64(len(content))
	err := a.files.WriteHeader(&tar.Header{Name: path, Mode: 0o600, Size: int64(len(content)), ModTime: a.time})
	if err == nil {
		_, err = a.files.Write(content)
	}
	if err != nil {
		a.err = &writeError{err}
	}
	return a.err
}

// close ends the archive.
func (a *archive) close() error {
	if err := errors.Join(a.err, a.files.Close(), a.compressed.Close()); err != nil {
		return &writeError{err}
	}
	return nil
}
