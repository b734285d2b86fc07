package hosttest

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func serviceFaultContracts() map[string]contract {
	return map[string]contract{
		"a service that somebody has open when it is deleted is marked until it is closed": markedService,
		"a service that is marked for deletion does not start": func(c *check) {
			const name = "mullion-marked"
			c.service(name, c.Directory.Join("x.exe"), c.Program(c.Directory.Join("x.exe"), name))
			release := c.HoldService(name)
			c.must(c.Host.Services.Delete(c.ctx(), name))
			c.is("Start", c.Host.Services.Start(c.ctx(), name), host.ErrMarkedForDelete)
			_ = c.Host.Services.Stop(c.ctx(), name) // If it was wrong.
			release()
			c.eventually("it is gone", func() bool {
				_, err := c.Host.Services.Service(c.ctx(), name)
				return isNotExist(err)
			})
		},
		"a service that ends instead of running is an error that names it": brokenService,
		"a service without its program is an error that names it":          serviceWithoutProgram,
		"services that depend on each other in a circle do not start":      serviceCircle,
		"a disabled service does not start":                                disabledService,
		"a service does not start without what it depends on":              serviceWithoutDependency,
	}
}

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func markedService(c *check) {
	const name = "mullion-marked"
	services := c.Host.Services
	made := config(name, c.Directory.Join("x.exe"), c.Program(c.Directory.Join("x.exe"), name))
	c.create(name, made)
	release := c.HoldService(name)
	for range 2 {
		c.must(services.Delete(c.ctx(), name))
	}
	_, observing := services.Service(c.ctx(), name)
	for what, err := range map[string]error{
		"Service": observing, "Create": services.Create(c.ctx(), name, made), "Configure": services.Configure(c.ctx(), name, made),
	} {
		c.is(what, err, host.ErrMarkedForDelete)
	}
	release()
	c.eventually("it is gone", func() bool {
		_, err := services.Service(c.ctx(), name)
		return isNotExist(err)
	})
	c.create(name, made)
}

func brokenService(c *check) {
	const name = "mullion-broken"
	c.service(name, c.Directory.Join("broken.exe"), c.Broken(c.Directory.Join("broken.exe"), name))
	c.named(c.Host.Services.Start(c.ctx(), name), name)
	c.status(name, state.ServiceStopped)
}

func serviceWithoutProgram(c *check) {
	const name = "mullion-missing"
	c.service(name, c.Directory.Join("missing.exe"), nil)
	c.named(c.Host.Services.Start(c.ctx(), name), name)
	c.status(name, state.ServiceStopped)
}

func disabledService(c *check) {
	const name = "mullion-disabled"
	disabled := config(name, c.Directory.Join("x.exe"), c.Program(c.Directory.Join("x.exe"), name))
	disabled.Start = state.StartDisabled
	c.create(name, disabled)
	c.named(c.Host.Services.Start(c.ctx(), name), name)
	c.status(name, state.ServiceStopped)
}

// serviceCircle is refused when it is closed, or later.
func serviceCircle(c *check) {
	const one, other = "mullion-one", "mullion-other"
	first := config(one, c.Directory.Join("one.exe"), c.Program(c.Directory.Join("one.exe"), one))
	second := config(other, c.Directory.Join("other.exe"), c.Program(c.Directory.Join("other.exe"), other))
	second.DependsOn = []string{one}
	c.create(one, first)
	c.create(other, second)
	first.DependsOn = []string{other}
	if err := c.Host.Services.Configure(c.ctx(), one, first); err == nil {
		c.named(c.Host.Services.Start(c.ctx(), one), one)
	}
	c.status(one, state.ServiceStopped)
}

func serviceWithoutDependency(c *check) {
	const name = "mullion-top"
	top := config(name, c.Directory.Join("x.exe"), c.Program(c.Directory.Join("x.exe"), name))
	top.DependsOn = []string{"mullion-nobody"}
	c.create(name, top)
	c.named(c.Host.Services.Start(c.ctx(), name), name)
	c.status(name, state.ServiceStopped)
}

// named wants an error that says which service it is about.
func (c *check) named(err error, service string) {
	if err == nil || !strings.Contains(err.Error(), service) {
		c.wrong("starting %s: %v", service, err)
	}
}
