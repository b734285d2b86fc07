package sshtest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/ssh"
)

// ErrNoOpenSSH is that the server of OpenSSH is not installed.
var ErrNoOpenSSH = errors.New("the server of OpenSSH is not installed (Debian: apt-get install openssh-server)")

// OpenSSH is the server of OpenSSH, which lets this user log in with one key and serves this machine's own files.
type OpenSSH struct {
	// User may log in with Key, which is also in KeyFile.
	User    string
	Key     ssh.Signer
	KeyFile string
	// HostKey is also in KnownHosts, a file for other clients.
	HostKey    ssh.PublicKey
	KnownHosts string

	listener net.Listener
	stop     context.CancelFunc
	running  sync.WaitGroup
}

// StartOpenSSH starts a server on the loopback interface, which keeps its configuration in a directory. Each connection
// has a process of its own, so that no port has to be guessed.
func StartOpenSSH(directory string) (*OpenSSH, error) {
	program, err := exec.LookPath("sshd")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/sshd")
	}
	if err != nil {
		return nil, ErrNoOpenSSH
	}
	whoever, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("finding out who this is: %w", err)
	}
	if whoever.Uid == "0" { // Where it separates privileges. A service makes this directory when it starts.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { //nolint:gosec // It must be readable.
			return nil, fmt.Errorf("making the directory that sshd expects: %w", err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &OpenSSH{User: whoever.Username, KnownHosts: filepath.Join(directory, "known_hosts"), stop: stop}
	if s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		stop()
		return nil, fmt.Errorf("listening on the loopback interface: %w", err)
	}
	configuration, err := s.configure(directory)
	if err != nil {
		s.Close()
		return nil, err
	}
	s.running.Go(func() { s.accept(ctx, program, configuration) })
	return s, nil
}

// configure writes keys and configuration.
func (s *OpenSSH) configure(directory string) (string, error) {
	host, hostFile, err := writeKey(directory, "host_key")
	if err != nil {
		return "", err
	}
	if s.Key, s.KeyFile, err = writeKey(directory, "user_key"); err != nil {
		return "", err
	}
	s.HostKey = host.PublicKey()
	hostName, port, err := net.SplitHostPort(s.Address())
	if err != nil {
		return "", err
	}
	authorized, configuration := filepath.Join(directory, "authorized_keys"), filepath.Join(directory, "sshd_config")
	for path, content := range map[string][]byte{
		authorized:   ssh.MarshalAuthorizedKey(s.Key.PublicKey()),
		s.KnownHosts: fmt.Appendf(nil, "[%s]:%s %s", hostName, port, ssh.MarshalAuthorizedKey(s.HostKey)),
		configuration: fmt.Appendf(nil, "HostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPidFile none\n"+
			"PasswordAuthentication no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n", hostFile, authorized),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return "", fmt.Errorf("configuring sshd: %w", err)
		}
	}
	return configuration, nil
}

func writeKey(directory, name string) (ssh.Signer, string, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, "", fmt.Errorf("making %s: %w", name, err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return nil, "", fmt.Errorf("making %s: %w", name, err)
	}
	path := filepath.Join(directory, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, "", fmt.Errorf("writing %s: %w", name, err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	return signer, path, err
}

func (s *OpenSSH) accept(ctx context.Context, program, configuration string) {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.running.Go(func() { serveOpenSSH(ctx, connection, program, configuration) })
	}
}

// serveOpenSSH hands a connection to a process as inetd does, see sshd(8), option -i.
func serveOpenSSH(ctx context.Context, connection net.Conn, program, configuration string) {
	defer connection.Close()
	tcp, ok := connection.(*net.TCPConn)
	if !ok {
		return
	}
	socket, err := tcp.File()
	if err != nil {
		return
	}
	defer socket.Close()
	process := exec.CommandContext(ctx, program, "-i", "-q", "-f", configuration) //nolint:gosec // The sshd of this machine.
	process.Stdin, process.Stdout = socket, socket
	_ = process.Run()
}

// Address is the host and port that it listens on.
func (s *OpenSSH) Address() string { return s.listener.Addr().String() }

// Close ends all processes.
func (s *OpenSSH) Close() {
	_ = s.listener.Close()
	s.stop()
	s.running.Wait()
}
