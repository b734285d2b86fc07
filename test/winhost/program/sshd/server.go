//go:build windows

package main

import (
	"fmt"
	"log"
	"net"
	"os"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// version is what the server calls itself, as that of Windows Server 2022 does.
const version = "SSH-2.0-OpenSSH_for_Windows_8.1"

type server struct{ listener net.Listener }

// newServer listens, and says where.
func newServer(address string) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	unfinished := guest.SSHAddressFile + ".unfinished"
	if err := os.WriteFile(unfinished, []byte(listener.Addr().String()), 0o600); err != nil {
		return nil, fmt.Errorf("publishing the address: %w", err)
	}
	if err := os.Rename(unfinished, guest.SSHAddressFile); err != nil {
		return nil, fmt.Errorf("publishing the address: %w", err)
	}
	log.Printf("listening on %s", listener.Addr())
	return &server{listener: listener}, nil
}

func (s *server) serve() error {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return err
		}
		go handle(connection)
	}
}

// close stops listening. Connections end with the process.
func (s *server) close() { _ = s.listener.Close() }

func handle(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	config, err := configuration()
	if err != nil {
		log.Printf("reading the configuration: %v", err)
		return
	}
	secure, channels, requests, err := ssh.NewServerConn(connection, config)
	if err != nil {
		log.Printf("handshake with %s: %v", connection.RemoteAddr(), err)
		return
	}
	defer func() { _ = secure.Close() }()
	log.Printf("%s logged on from %s", secure.User(), connection.RemoteAddr())
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "only sessions are served")
			continue
		}
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go newSession(channel).serve(requests)
	}
}
