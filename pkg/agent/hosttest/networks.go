package hosttest

import (
	"errors"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

// networkContracts change nothing: networks are not the agent's to make.
func networkContracts() map[string]contract {
	return map[string]contract{
		"networks are listed, or there is no service to have any": func(c *check) {
			networks, err := c.Host.Networks.Networks(c.ctx())
			if errors.Is(err, host.ErrNotAvailable) {
				all, err := c.Host.ContainerNetworks(c.ctx())
				c.must(err)
				if len(networks) > 0 || len(all) > 0 {
					c.wrong("networks of no service: %v, %v", networks, all)
				}
				return
			}
			c.must(err)
			for _, network := range networks {
				if network.ID == "" || network.Type == "" {
					c.wrong("a network is %+v", network)
				}
			}
		},
		"a network that is not there needs not be deleted": func(c *check) {
			err := c.Host.Networks.DeleteNetwork(c.ctx(), "00000000-0000-0000-0000-000000000001")
			if err != nil && !errors.Is(err, host.ErrNotAvailable) {
				c.wrong("%v", err)
			}
		},
	}
}
