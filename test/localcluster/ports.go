package localcluster

import (
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

// port is a TCP port of 127.0.0.1 that stays ours. A port that is merely found free may be anybody's a
// moment later, above all while a component restarts. So a socket is bound to it, without listening, for
// as long as the cluster lives; a component binds the same port with SO_REUSEPORT, which the kernel grants
// to processes of one user.
type port struct {
	socket int
	number int
}

func reservePort() (port, error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return port{}, fmt.Errorf("opening a socket to reserve a port: %w", err)
	}
	number, err := bindLoopback(socket)
	if err != nil {
		_ = unix.Close(socket) // The error to report is the one above.
		return port{}, fmt.Errorf("reserving a port of 127.0.0.1: %w", err)
	}
	return port{socket: socket, number: number}, nil
}

func bindLoopback(socket int) (int, error) {
	// Not SO_REUSEADDR, which would let strangers listen as long as nobody else does.
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
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

// address is the port's host:port.
func (p port) address() string { return net.JoinHostPort("127.0.0.1", p.String()) }

// String is the port's number.
func (p port) String() string { return strconv.Itoa(p.number) }

func (p port) release() { _ = unix.Close(p.socket) }

// ports are what a control plane listens on.
type ports struct{ etcdClient, etcdPeer, apiServer, controllerManager, scheduler port }

func reservePorts() (*ports, error) {
	var p ports
	var reserved []port
	for _, target := range []*port{&p.etcdClient, &p.etcdPeer, &p.apiServer, &p.controllerManager, &p.scheduler} {
		one, err := reservePort()
		if err != nil {
			for _, r := range reserved {
				r.release()
			}
			return nil, err
		}
		*target = one
		reserved = append(reserved, one)
	}
	return &p, nil
}

func (p *ports) release() {
	for _, one := range []port{p.etcdClient, p.etcdPeer, p.apiServer, p.controllerManager, p.scheduler} {
		one.release()
	}
}
