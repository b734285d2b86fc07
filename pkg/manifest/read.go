package manifest

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// maxFileSize bounds what is read from one file, in bytes. etcd takes no object larger than 1.5 MiB, and no chart has
// thousands of those.
const maxFileSize = 64 << 20

// Stdin is the path that stands for the standard input.
const Stdin = "-"

// stdinName is what the standard input is called in messages.
const stdinName = "<stdin>"

// Set is what was read, in the order of the files and of the documents in them.
type Set struct {
	Objects []*Object
	// Skipped are documents that are no Kubernetes objects.
	Skipped []Skipped
	// Problems are what could not be read.
	Problems []*Problem
}

func (s *Set) fail(file string, line int, message string) {
	s.Problems = append(s.Problems, &Problem{File: file, Line: line, Message: message})
}

func (s *Set) add(other *Set) {
	s.Objects = append(s.Objects, other.Objects...)
	s.Skipped = append(s.Skipped, other.Skipped...)
	s.Problems = append(s.Problems, other.Problems...)
}

// Read reads the objects of files, of the YAML and JSON files of directories and everything below them, and of the
// standard input where [Stdin] is among the paths. What is named twice is read once.
func Read(paths []string, stdin io.Reader) *Set {
	set := &Set{}
	var documents []source
	seen := map[string]bool{}
	for _, path := range paths {
		files, problems := expand(path)
		set.Problems = append(set.Problems, problems...)
		for _, file := range files {
			if seen[file] {
				continue
			}
			seen[file] = true
			name := file
			if file == Stdin {
				name = stdinName
			}
			data, err := load(file, stdin)
			if err != nil {
				set.fail(name, 0, reason(err))
				continue
			}
			documents = append(documents, set.open(name, data)...)
		}
	}
	set.parse(documents)
	return set
}

func load(file string, stdin io.Reader) ([]byte, error) {
	if file == Stdin {
		return bounded(stdin)
	}
	opened, err := os.Open(file) // #nosec G304 -- The user names it.
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return bounded(opened)
}

func bounded(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxFileSize+1))
	if err == nil && len(data) > maxFileSize {
		err = fmt.Errorf("it is larger than %d MiB", maxFileSize>>20)
	}
	return data, err
}

// reason is an error without the path, which stands before it anyway.
func reason(err error) string {
	var failed *os.PathError
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}
