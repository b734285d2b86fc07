package sshtest

import (
	"context"
	"io"
	"net"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"
)

// forward connects a client with the host that it names, see RFC 4254, section 7.2.
func (s *Server) forward(ctx context.Context, offered ssh.NewChannel) {
	var request struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(offered.ExtraData(), &request); err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, "the request cannot be read")
		return
	}
	address := net.JoinHostPort(request.Host, strconv.Itoa(int(request.Port)))
	target, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	defer target.Close()
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	s.running.Go(func() { ssh.DiscardRequests(requests) })
	defer context.AfterFunc(ctx, func() { _ = target.Close() })()

	var there sync.WaitGroup
	there.Go(func() {
		_, _ = io.Copy(target, channel)
		_ = target.Close()
	})
	_, _ = io.Copy(channel, target)
	_ = channel.Close()
	there.Wait()
}
