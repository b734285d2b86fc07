package remotetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

const (
	// notFound is what cmd.exe returns for a program that is not there.
	notFound = 9009
	// magic is how an executable of Windows begins.
	magic = "MZ"
)

// run does what Windows does with a command that came over SSH.
func (h *Host) run(ctx context.Context, process *sshtest.Process) int {
	program := programOf(process).String()
	switch {
	case strings.EqualFold(program, `C:\Windows\System32\shutdown.exe`):
		h.Machine.Reboot()
		h.Cut()
		return sshtest.NoStatus
	case !h.uploaded(program):
		fmt.Fprintf(process.Stderr, "'%s' is not recognized as an internal or external command.\r\n", program)
		return notFound
	case h.intercept != nil:
		return h.intercept(ctx, process, h.agent)
	default:
		return h.agent(ctx, process)
	}
}

// programOf is the program of a command.
func programOf(process *sshtest.Process) winpath.Path {
	program, _, _ := strings.Cut(strings.ReplaceAll(process.Line, `\\`, `\`), " ")
	return winpath.Path(program)
}

// uploaded is whether there is a program where the client wants one to be run.
func (h *Host) uploaded(program string) bool {
	file, err := os.Open(h.local(winpath.Path(program)))
	if err != nil {
		return false
	}
	begin := make([]byte, len(magic))
	_, err = io.ReadFull(file, begin)
	return errors.Join(err, file.Close()) == nil && string(begin) == magic
}

// local is where on this machine a file of the host's SFTP server is.
func (h *Host) local(path winpath.Path) string {
	return filepath.Join(h.drive, filepath.FromSlash(strings.ReplaceAll(strings.TrimPrefix(path.String(), `C:\`), `\`, "/")))
}

// agent is the agent. That the client has gone does not stop it.
func (h *Host) agent(ctx context.Context, process *sshtest.Process) int {
	on := h.Machine.Host()
	applier := apply.Applier{
		Host: on, Store: store.New(on.Files, store.DefaultRoot), Holder: "the agent", Limits: apply.DefaultLimits(),
		Program: programOf(process),
	}
	if strings.HasSuffix(process.Line, " "+string(protocol.CommandDigest)) {
		return h.digest(ctx, applier, process)
	}
	imported, err := h.importContent(applier.Store)
	if err != nil {
		fmt.Fprintln(process.Stderr, err)
		return protocol.ExitFailed
	}
	shown, err := h.showPrograms(applier.Program)
	if err != nil {
		fmt.Fprintln(process.Stderr, err)
		return protocol.ExitFailed
	}
	code := protocol.Serve(context.WithoutCancel(ctx), applier, process.Stdin, process.Stdout)
	if err := errors.Join(h.dropContent(imported), shown.drop()); err != nil {
		fmt.Fprintln(process.Stderr, err)
		return protocol.ExitFailed
	}
	return code
}

// importContent shows the machine everything that was uploaded and is whole, and returns where it is.
func (h *Host) importContent(at *store.Store) ([]winpath.Path, error) {
	h.importing.Lock()
	defer h.importing.Unlock()
	entries, err := os.ReadDir(filepath.Dir(h.local(at.ContentPath("x"))))
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("listing what was uploaded: %w", err)
	}
	var imported []winpath.Path
	for _, entry := range entries {
		path := at.ContentPath(entry.Name())
		if strings.HasSuffix(entry.Name(), ".part") {
			continue
		}
		imported = append(imported, path)
		if _, there := h.Machine.ReadFile(path); there {
			continue
		}
		content, err := os.ReadFile(h.local(path))
		if err != nil {
			return nil, fmt.Errorf("reading what was uploaded: %w", err)
		}
		h.Machine.WriteFile(path, string(content))
	}
	return imported, nil
}

// dropContent deletes for SFTP, too, what the agent has deleted.
func (h *Host) dropContent(imported []winpath.Path) error {
	h.importing.Lock()
	defer h.importing.Unlock()
	for _, path := range imported {
		if _, there := h.Machine.ReadFile(path); there {
			continue
		}
		if err := os.Remove(h.local(path)); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("deleting what was uploaded: %w", err)
		}
	}
	return nil
}
