package bundle

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	kjson "sigs.k8s.io/json"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Schema is the version of the manifest.
const Schema = "mullion.dev/node-bundle/v1"

// Limits, far above what a node needs. They bound what a registry can make us store.
const (
	MaxFiles         = 1024
	MaxFileSize      = 1 << 30 // bytes
	MaxSize          = 8 << 30 // bytes, of all files
	MaxManifestBytes = 1 << 20
)

// Manifest lists what is in a bundle.
type Manifest struct {
	Schema string `json:"schema"`
	// Files are sorted by path.
	Files []File `json:"files"`
}

// File is one file of a bundle.
type File struct {
	// Path is relative, with slashes, such as cni/win-overlay.exe.
	Path string `json:"path"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// SHA256 is the digest of the content, in lower-case hexadecimal digits.
	SHA256 string `json:"sha256"`
	// Executable tells programs from what they read.
	Executable bool `json:"executable,omitempty"`
	// Component is the project that the file is from, such as kubernetes, and Version its release.
	Component string `json:"component"`
	Version   string `json:"version"`
}

// Decode reads and validates a manifest. A field that is not known is refused: it may mean something.
func Decode(raw []byte) (*Manifest, error) {
	if len(raw) > MaxManifestBytes {
		return nil, fmt.Errorf("reading bundle manifest: it is larger than %d bytes", MaxManifestBytes)
	}
	var m Manifest
	strict, err := kjson.UnmarshalStrict(raw, &m)
	if err = errors.Join(append(strict, err)...); err != nil {
		return nil, fmt.Errorf("reading bundle manifest: %w", err)
	}
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("reading bundle manifest: %w", err)
	}
	return &m, nil
}

// Encode writes a manifest. The same manifest is always the same bytes.
func (m *Manifest) Encode() ([]byte, error) { return json.Marshal(m) }

// Validate returns what is wrong with a manifest first.
func (m *Manifest) Validate() error {
	switch {
	case m.Schema != Schema:
		return fmt.Errorf("schema is %q, and only %s is known", m.Schema, Schema)
	case len(m.Files) == 0:
		return errors.New("it lists no files")
	case len(m.Files) > MaxFiles:
		return fmt.Errorf("it lists more than %d files", MaxFiles)
	}
	seen := map[string]string{}
	var size int64
	for i, file := range m.Files {
		if err := file.validate(); err != nil {
			return fmt.Errorf("file %q: %w", file.Path, err)
		}
		if i > 0 && m.Files[i-1].Path > file.Path {
			return fmt.Errorf("file %q: it comes after %q, but files are sorted by path", file.Path, m.Files[i-1].Path)
		}
		key := winpath.Fold(file.Path)
		if other, twice := seen[key]; twice {
			return fmt.Errorf("file %q: Windows cannot tell it from %q", file.Path, other)
		}
		seen[key] = file.Path
		size += file.Size // No more than MaxFiles times MaxFileSize: no overflow.
	}
	if size > MaxSize {
		return fmt.Errorf("its files have %d bytes, more than %d", size, int64(MaxSize))
	}
	return m.validateDirectories(seen)
}

// validateDirectories refuses a file below another file.
func (m *Manifest) validateDirectories(files map[string]string) error {
	for _, file := range m.Files {
		for i, c := range file.Path {
			if c != '/' {
				continue
			}
			if other, found := files[winpath.Fold(file.Path[:i])]; found {
				return fmt.Errorf("file %q: it is below %q, which is a file", file.Path, other)
			}
		}
	}
	return nil
}

func (f *File) validate() error {
	if err := CheckPath(f.Path); err != nil {
		return err
	}
	switch raw, err := hex.DecodeString(f.SHA256); {
	case err != nil || len(raw) != 32 || strings.ToLower(f.SHA256) != f.SHA256:
		return fmt.Errorf("sha256 %q is not 64 lower-case hexadecimal digits", f.SHA256)
	case f.Size < 0 || f.Size > MaxFileSize:
		return fmt.Errorf("size %d is not between 0 and %d bytes", f.Size, MaxFileSize)
	case f.Component == "" || f.Version == "":
		return errors.New("it has no component or no version")
	}
	return nil
}

// CheckPath refuses a path that could leave the directory it is unpacked to, or that Windows would change.
func CheckPath(path string) error {
	if strings.Contains(path, `\`) {
		return errors.New("its path has a backslash; bundles use slashes")
	}
	if path == "" || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
		return errors.New("its path is not relative, or not that of a file")
	}
	if _, err := winpath.Parse(`C:\` + path); err != nil {
		return fmt.Errorf("its path is none on Windows: %w", err)
	}
	return nil
}

// Find returns a file by its path. Windows does not care for case, and neither does this.
func (m *Manifest) Find(path string) (File, bool) {
	for _, file := range m.Files {
		if winpath.Fold(file.Path) == winpath.Fold(path) {
			return file, true
		}
	}
	return File{}, false
}
