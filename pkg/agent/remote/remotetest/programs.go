package remotetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// shownPrograms are the versions of the agent that were brought over SFTP, as the machine sees them while one of them
// runs. What a machine is like has nothing to do with who looks after it, so they are not left there.
type shownPrograms struct {
	host *Host
	// paths are directories and files, the innermost first.
	paths []winpath.Path
	ended func()
}

// showPrograms shows the machine everything that is where versions of the agent are.
func (h *Host) showPrograms(running winpath.Path) (*shownPrograms, error) {
	h.importing.Lock()
	defer h.importing.Unlock()
	shown := &shownPrograms{host: h, ended: func() {}}
	var files []winpath.Path
	root := h.local(programs.Root)
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below := strings.ReplaceAll(strings.TrimPrefix(name, root), string(filepath.Separator), `\`)
		path := programs.Root + winpath.Path(below)
		shown.paths = append([]winpath.Path{path}, shown.paths...)
		if !entry.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing programs: %w", err)
	}
	for _, path := range files {
		content := []byte(magic) // Nobody reads the one that runs, and there may be hundreds of hosts with a real one.
		if !path.Equal(running) {
			if content, err = os.ReadFile(h.local(path)); err != nil {
				return nil, fmt.Errorf("reading a program: %w", err)
			}
		}
		h.Machine.WriteFile(path, string(content))
	}
	shown.ended = h.Machine.Hold(running)
	h.running++
	return shown, nil
}

// drop deletes for SFTP, too, what the agent has deleted, and shows the machine nothing any more.
func (s *shownPrograms) drop() error {
	s.host.importing.Lock()
	defer s.host.importing.Unlock()
	s.ended()
	if s.host.running--; s.host.running > 0 {
		return nil // Whoever ends last does it.
	}
	for _, path := range s.paths {
		local := s.host.local(path)
		info, err := os.Stat(local)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if _, there := s.host.Machine.ReadFile(path); !there && err == nil && info.Mode().IsRegular() {
			if err := os.Remove(local); err != nil {
				return fmt.Errorf("deleting a program: %w", err)
			}
			_ = os.Remove(filepath.Dir(local)) // It goes with what was in it.
		}
		s.host.Machine.RemoveFile(path)
	}
	return nil
}
