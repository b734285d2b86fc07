package hosttest

import "github.com/mullion-dev/mullion/pkg/agent/state"

// featureContracts change nothing: a feature takes minutes, and a boot.
func featureContracts() map[string]contract {
	const unknown = "Mullion-NoSuchFeature"
	return map[string]contract{
		"a feature that Windows does not know is absent": func(c *check) {
			is, err := c.Host.Features.Feature(c.ctx(), unknown)
			c.must(err)
			c.equal("state", state.FeatureAbsent, is)
		},
		"a feature that Windows does not know cannot be enabled": func(c *check) {
			c.is("Enable", c.Host.Features.Enable(c.ctx(), unknown), nil)
			is, err := c.Host.Features.Feature(c.ctx(), unknown)
			c.must(err)
			c.equal("state afterwards", state.FeatureAbsent, is)
		},
		"a feature that is as it shall be stays so when it is asked for again": func(c *check) {
			const name = "Containers"
			before, err := c.Host.Features.Feature(c.ctx(), name)
			c.must(err)
			again := c.Host.Features.Disable
			if before == state.FeatureEnabled || before == state.FeatureEnablePending {
				again = c.Host.Features.Enable
			}
			c.must(again(c.ctx(), name))
			after, err := c.Host.Features.Feature(c.ctx(), name)
			c.must(err)
			c.equal("state", before, after)
		},
		"a feature that Windows knows has a state": func(c *check) {
			is, err := c.Host.Features.Feature(c.ctx(), "containers")
			c.must(err)
			if is == state.FeatureAbsent || is == "" {
				c.wrong("Containers is %q", is)
			}
		},
	}
}
