//go:build windows

package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// session is one channel: a command, a shell, or SFTP.
type session struct {
	channel ssh.Channel

	mu      sync.Mutex
	running *exec.Cmd
}

func newSession(channel ssh.Channel) *session { return &session{channel: channel} }

// serve answers the client until it goes away. What still runs then is killed; what that had started is not, as on
// Windows.
func (s *session) serve(requests <-chan *ssh.Request) {
	defer s.kill()
	started := false
	for request := range requests {
		ok := false
		switch request.Type {
		case "exec", "shell":
			line := ""
			if request.Type == "exec" {
				line = text(request.Payload)
			}
			if ok = !started; ok {
				go s.end(func() int { return runLine(s, line) })
			}
		case "subsystem":
			if ok = !started && text(request.Payload) == "sftp"; ok {
				go s.end(s.transfer)
			}
		case "signal":
			s.kill()
			ok = true
		}
		started = started || ok
		if request.WantReply {
			_ = request.Reply(ok, nil)
		}
	}
}

// text is the only field of most requests.
func text(payload []byte) string {
	var field struct{ Text string }
	if ssh.Unmarshal(payload, &field) != nil {
		return ""
	}
	return field.Text
}

// end does what the session is for, reports the exit status and closes the channel. When the host is about to
// restart, or to go off, the status gets lost: on Windows it is a matter of luck, and here of bad luck.
func (s *session) end(work func() int) {
	code := work()
	if shuttingDown() {
		return
	}
	_, _ = s.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(code)}))
	_ = s.channel.Close()
}

func shuttingDown() bool {
	content, err := os.ReadFile(guest.ShutdownFile)
	if err != nil {
		return false
	}
	var request guest.Shutdown
	return json.Unmarshal(content, &request) == nil && time.Until(request.At) < time.Second
}

func (s *session) transfer() int {
	server, err := sftp.NewServer(s.channel)
	if err == nil {
		err = server.Serve()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		log.Printf("sftp: %v", err)
		return 1
	}
	return 0
}

// run runs a program on the channel and returns its exit code.
func (s *session) run(cmd *exec.Cmd) (int, error) {
	cmd.Stdout, cmd.Stderr = s.channel, s.channel.Stderr()
	// With cmd.Stdin, Wait would wait for the client to close its side even after the program has ended.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	if err := s.start(cmd); err != nil {
		return 0, err
	}
	go func() {
		_, _ = io.Copy(stdin, s.channel)
		_ = stdin.Close()
	}()
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

func (s *session) start(cmd *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	s.running = cmd
	return nil
}

func (s *session) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		_ = s.running.Process.Kill() // It may have ended.
	}
}
