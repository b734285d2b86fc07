package localcluster

import (
	"strconv"

	"github.com/mullion-dev/mullion/test/process"
)

// ports are what a control plane listens on. They stay its own while a component restarts.
type ports struct{ etcdClient, etcdPeer, apiServer, controllerManager, scheduler *process.Port }

func reservePorts() (*ports, error) {
	p := &ports{}
	for _, target := range []**process.Port{&p.etcdClient, &p.etcdPeer, &p.apiServer, &p.controllerManager, &p.scheduler} {
		one, err := process.ReservePort()
		if err != nil {
			p.release()
			return nil, err
		}
		*target = one
	}
	return p, nil
}

func (p *ports) release() {
	for _, one := range []*process.Port{p.etcdClient, p.etcdPeer, p.apiServer, p.controllerManager, p.scheduler} {
		if one != nil {
			one.Release()
		}
	}
}

// flag is the number of a port as an argument.
func flag(port *process.Port) string { return strconv.Itoa(port.Number()) }
