package sshtest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Config is what a server has and allows.
type Config struct {
	// Address to listen on; a free port of 127.0.0.1 if empty.
	Address string
	// HostKeys are one of each type at most, or certificates; one new Ed25519 key if empty.
	HostKeys []ssh.Signer
	// Authorized are the keys that users may log in with, under any name.
	Authorized []ssh.PublicKey
	// Command runs what is executed and returns the exit status, or NoStatus. Its context ends with the session, or
	// with a signal. Nil refuses to execute anything.
	Command func(context.Context, *Process) int
	// Drive is a directory that is served over SFTP as C:. Empty refuses SFTP.
	Drive string
	// Fault is asked before everything that is done to a file. An error is what the client gets. Nil is no fault.
	Fault func(Operation) error
	// Rekey is after how many bytes the keys of a connection are exchanged anew; 0 is as seldom as the library does.
	Rekey uint64
	// Forward lets clients connect to elsewhere through this server.
	Forward bool
}

// Server is running from Start to Close. Its methods are safe for concurrent use.
type Server struct {
	config   Config
	server   *ssh.ServerConfig
	listener net.Listener
	hostKeys []ssh.Signer
	drive    *os.Root
	network  *network
	running  sync.WaitGroup
	stop     context.CancelFunc

	mu       sync.Mutex
	links    map[*link]bool
	accepted int
	logins   []string
}

// Start makes a server that listens.
func Start(config Config) (*Server, error) {
	s := &Server{config: config, hostKeys: config.HostKeys, network: newNetwork(), links: map[*link]bool{}}
	if len(s.hostKeys) == 0 {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making a host key: %w", err)
		}
		key, err := ssh.NewSignerFromKey(private)
		if err != nil {
			return nil, fmt.Errorf("making a host key: %w", err)
		}
		s.hostKeys = []ssh.Signer{key}
	}
	s.server = &ssh.ServerConfig{Config: ssh.Config{RekeyThreshold: config.Rekey}, PublicKeyCallback: s.login}
	for _, key := range s.hostKeys {
		s.server.AddHostKey(key)
	}
	if err := s.openDrive(); err != nil {
		return nil, err
	}
	address := config.Address
	if address == "" {
		address = "127.0.0.1:0"
	}
	ctx, stop := context.WithCancel(context.Background())
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		stop()
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	s.listener, s.stop = listener, stop
	s.running.Go(func() { s.accept(ctx) })
	return s, nil
}

// openDrive makes C: in the directory to be served.
func (s *Server) openDrive() error {
	if s.config.Drive == "" {
		return nil
	}
	drive, err := os.OpenRoot(s.config.Drive)
	if err != nil {
		return fmt.Errorf("opening the drive: %w", err)
	}
	s.drive = drive
	if err := drive.MkdirAll("C:", 0o700); err != nil {
		return fmt.Errorf("making drive C: %w", err)
	}
	return nil
}

// Address is the host and port that it listens on.
func (s *Server) Address() string { return s.listener.Addr().String() }

// HostKey is the public part of the first host key.
func (s *Server) HostKey() ssh.PublicKey { return s.hostKeys[0].PublicKey() }

// Accepted is how many connections were accepted so far, whatever became of them.
func (s *Server) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// Open is how many connections there are now.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.links)
}

// Logins are the fingerprints of the keys that users have logged in with, one for each connection.
func (s *Server) Logins() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.logins)
}

// Carried is how many bytes have gone through connections so far, in both directions, as they are on the wire.
func (s *Server) Carried() int64 { return s.network.carried.Load() }

// Cut ends all connections that there are, as a crash of the SSH service does. New ones are accepted.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.links {
		_ = l.Close()
	}
}

// Unplug stops everything from arriving, in both directions and without a word, as a power cut or a pulled cable does.
func (s *Server) Unplug() { s.network.unplug() }

// Plug undoes Unplug.
func (s *Server) Plug() { s.network.plug() }

// Slow lets so many bytes a second through in each direction, on each connection. Zero is as many as there are.
func (s *Server) Slow(bytesPerSecond int) { s.network.rate.Store(int64(bytesPerSecond)) }

// Close ends everything and returns when it has ended.
func (s *Server) Close() {
	_ = s.listener.Close()
	s.stop()
	s.Cut()
	s.running.Wait()
	if s.drive != nil {
		_ = s.drive.Close()
	}
}

func (s *Server) login(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	fingerprint := ssh.FingerprintSHA256(key)
	for _, authorized := range s.config.Authorized {
		if ssh.FingerprintSHA256(authorized) == fingerprint {
			return &ssh.Permissions{Extensions: map[string]string{"fingerprint": fingerprint}}, nil
		}
	}
	return nil, errors.New("this key is not authorized")
}

func (s *Server) accept(ctx context.Context) {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return
		}
		l := &link{Conn: connection, network: s.network, closed: make(chan struct{})}
		s.mu.Lock()
		s.accepted++
		s.links[l] = true
		s.mu.Unlock()
		if ctx.Err() != nil { // Close has cut what there was before this one.
			_ = l.Close()
		}
		s.running.Go(func() {
			s.serve(ctx, l)
			_ = l.Close()
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.links, l)
		})
	}
}

// serve speaks SSH on one connection until it ends.
func (s *Server) serve(ctx context.Context, l *link) {
	handshake := time.AfterFunc(time.Minute, func() { _ = l.Close() })
	connection, channels, requests, err := ssh.NewServerConn(l, s.server)
	handshake.Stop()
	if err != nil {
		return
	}
	s.mu.Lock()
	s.logins = append(s.logins, connection.Permissions.Extensions["fingerprint"])
	s.mu.Unlock()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.running.Go(func() { ssh.DiscardRequests(requests) })
	for channel := range channels {
		switch {
		case channel.ChannelType() == "session":
			s.running.Go(func() { s.session(ctx, channel) })
		case channel.ChannelType() == "direct-tcpip" && s.config.Forward:
			s.running.Go(func() { s.forward(ctx, channel) })
		default:
			_ = channel.Reject(ssh.Prohibited, "this server does not do that")
		}
	}
}
