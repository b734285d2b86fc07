package process

import (
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

// Port is a TCP port of 127.0.0.1 that stays ours until Release. A port that is merely found free may be
// anybody's a moment later, above all while a program restarts. So a socket is bound to it, without
// listening: the kernel gives the port to nobody who asks for any, but lets a program listen that asks for
// this one with SO_REUSEADDR, as every Go program does.
type Port struct {
	socket int
	number int
}

// ReservePort reserves a free port.
func ReservePort() (*Port, error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening a socket to reserve a port: %w", err)
	}
	number, err := bindLoopback(socket)
	if err != nil {
		_ = unix.Close(socket) // The error to report is the one above.
		return nil, fmt.Errorf("reserving a port of 127.0.0.1: %w", err)
	}
	return &Port{socket: socket, number: number}, nil
}

func bindLoopback(socket int) (int, error) {
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	if err := unix.Bind(socket, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	address, err := unix.Getsockname(socket)
	if err != nil {
		return 0, err
	}
	ipv4, ok := address.(*unix.SockaddrInet4)
	if !ok {
		return 0, fmt.Errorf("bound to an address of type %T", address)
	}
	return ipv4.Port, nil
}

// Number is the port's number.
func (p *Port) Number() int { return p.number }

// Address is the port's host:port.
func (p *Port) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.number)) }

// Release gives the port up. It is called once.
func (p *Port) Release() { _ = unix.Close(p.socket) }
