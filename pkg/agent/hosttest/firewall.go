package hosttest

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func firewallContracts() map[string]contract {
	return map[string]contract{
		"a firewall rule is read as it was set, with what it had before taken back": rules,
		"a firewall rule is one of its name, and no other": func(c *check) {
			one, other := state.FirewallRule{Name: "mullion contract", Protocol: "TCP", Ports: []uint16{1}},
				state.FirewallRule{Name: "mullion contract 2", Protocol: "TCP", Ports: []uint16{2}}
			c.rule(one)
			c.rule(other)
			c.must(c.Host.Firewall.DeleteRule(c.ctx(), one.Name))
			_, err := c.Host.Firewall.Rule(c.ctx(), one.Name)
			c.is("the first", err, fs.ErrNotExist)
			got, err := c.Host.Firewall.Rule(c.ctx(), other.Name)
			c.must(err)
			c.equal("the second", other, got)
		},
		"a firewall rule with what cannot be said of it is not set": func(c *check) {
			const name = "mullion contract"
			c.is("SetRule", c.Host.Firewall.SetRule(c.ctx(), state.FirewallRule{Name: name, Other: []string{"Active=FALSE"}}), nil)
			_, err := c.Host.Firewall.Rule(c.ctx(), name)
			c.is("afterwards", err, fs.ErrNotExist)
		},
		"a firewall rule comes after nothing once it is set": func(c *check) {
			rule := state.FirewallRule{Name: "mullion contract", After: []state.ID{{Kind: state.KindFile, Name: `C:\x`}}}
			c.rule(rule)
			got, err := c.Host.Firewall.Rule(c.ctx(), rule.Name)
			c.must(err)
			c.equal("rule", state.FirewallRule{Name: rule.Name}, got)
		},
	}
}

// rule sets a rule that goes with the test.
func (c *check) rule(rule state.FirewallRule) {
	c.must(c.Host.Firewall.SetRule(c.ctx(), rule))
	c.t.Cleanup(func() { _ = c.Host.Firewall.DeleteRule(c.t.Context(), rule.Name) })
}

func rules(c *check) {
	const name = "Mullion Contract"
	_, err := c.Host.Firewall.Rule(c.ctx(), name)
	c.is("before", err, fs.ErrNotExist)
	for _, want := range []state.FirewallRule{
		{
			Name: name, Description: "A test", Protocol: "TCP", Ports: []uint16{443, 80}, Remotes: []string{"10.0.0.0/8", "192.0.2.1/32"},
			Program: `C:\k\kubelet.exe`,
		},
		{Name: name, Protocol: "UDP", Ports: []uint16{4789}, Remotes: []string{"fd00::/64"}},
		{Name: name, Outbound: true, Block: true},
	} {
		c.rule(want)
		got, err := c.Host.Firewall.Rule(c.ctx(), strings.ToUpper(name))
		c.must(err)
		for _, rule := range []*state.FirewallRule{&want, &got} { // Ports and remotes are sets.
			rule.Ports, rule.Remotes = slices.Clone(rule.Ports), slices.Clone(rule.Remotes)
			slices.Sort(rule.Ports)
			slices.Sort(rule.Remotes)
		}
		c.equal("rule", want, got)
	}
	for range 2 {
		c.must(c.Host.Firewall.DeleteRule(c.ctx(), strings.ToLower(name)))
	}
	_, err = c.Host.Firewall.Rule(c.ctx(), name)
	c.is("afterwards", err, fs.ErrNotExist)
}
