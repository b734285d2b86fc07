package sshtest

import (
	"context"
	"io"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// NoStatus ends a command without an exit status, as a restart of the host does.
const NoStatus = -1

// Process is a command that a client executes.
type Process struct {
	// Line is the command as it was sent.
	Line string
	// Stdin ends when the client has sent everything.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// session serves one command or SFTP.
func (s *Server) session(ctx context.Context, offered ssh.NewChannel) {
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	started := false
	for request := range requests {
		var run func()
		switch request.Type {
		case "signal":
			cancel()
		case "exec":
			run = s.exec(ctx, channel, request.Payload)
		case "subsystem":
			run = s.subsystem(channel, request.Payload)
		}
		accepted := run != nil && !started
		if request.WantReply {
			_ = request.Reply(accepted, nil)
		}
		if accepted {
			started = true
			s.running.Go(func() {
				run()
				_ = channel.Close()
			})
		}
	}
	if !started {
		_ = channel.Close()
	}
}

// exec returns what executes a command, or nil if that is refused.
func (s *Server) exec(ctx context.Context, channel ssh.Channel, payload []byte) func() {
	var request struct{ Line string }
	if s.config.Command == nil || ssh.Unmarshal(payload, &request) != nil {
		return nil
	}
	return func() {
		process := &Process{Line: request.Line, Stdin: channel, Stdout: channel, Stderr: channel.Stderr()}
		status := s.config.Command(ctx, process)
		if status == NoStatus {
			return
		}
		_ = channel.CloseWrite()
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)})) //nolint:gosec // Tests return small numbers.
	}
}

// subsystem returns what serves SFTP, or nil if that is refused.
func (s *Server) subsystem(channel ssh.Channel, payload []byte) func() {
	var request struct{ Name string }
	if s.drive == nil || ssh.Unmarshal(payload, &request) != nil || request.Name != "sftp" {
		return nil
	}
	return func() {
		files := &files{drive: s.drive, fault: s.config.Fault}
		server := sftp.NewRequestServer(channel, sftp.Handlers{FileGet: files, FilePut: files, FileCmd: files, FileList: files})
		_ = server.Serve()
		_ = server.Close()
	}
}
