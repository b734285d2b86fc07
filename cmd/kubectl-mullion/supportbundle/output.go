package supportbundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// stdout is the file name that stands for the standard output.
const stdout = "-"

// output is where the archive goes.
type output struct {
	io.Writer
	name string
	file *os.File
}

// open makes the file, which nobody else may read. One that is there is not overwritten.
func (o *options) open() (*output, error) {
	name := o.file
	switch name {
	case stdout:
		return &output{Writer: o.streams.Out, name: stdout}, nil
	case "":
		name = "mullion-support-" + o.now().UTC().Format("20060102T150405Z") + ".tar.gz"
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // The user names it.
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("--output: %s is there already", name)
	}
	if err != nil {
		return nil, fmt.Errorf("--output: %w", err)
	}
	return &output{Writer: file, name: name, file: file}, nil
}

// close closes the file, and removes it where it could not be written to its end.
func (o *output) close(err error) error {
	if o.file == nil {
		return nil
	}
	closed := o.file.Close()
	if closed == nil && (err == nil || !errors.As(err, new(*writeError))) {
		return nil
	}
	if removed := os.Remove(o.name); removed != nil {
		return errors.Join(closed, removed)
	}
	return closed
}
