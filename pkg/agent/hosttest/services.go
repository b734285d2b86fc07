package hosttest

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func serviceContracts() map[string]contract {
	return map[string]contract{
		"a service that is not there is not there, whatever is done with it":  missingService,
		"a service is configured exactly, with what it had before taken back": configuredService,
		"a service is created once":                                               createdTwice,
		"a service starts and stops, and doing so again is no error":              startedService,
		"a service that runs goes on with its old configuration":                  configuredWhileRunning,
		"a service starts what it depends on, and stops after those on top of it": dependencies,
		"a service that is deleted is gone":                                       deletedService,
	}
}

// config is a manual service.
func config(name string, program winpath.Path, arguments []string) state.ServiceConfig {
	return state.Service{Name: name, Program: program, Arguments: arguments, Start: state.StartManual}.Config()
}

// create makes a service that ends with the test.
func (c *check) create(name string, config state.ServiceConfig) {
	c.must(c.Host.Services.Create(c.ctx(), name, config))
	c.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = c.Host.Services.Stop(ctx, name)   // Most are gone by now,
		_ = c.Host.Services.Delete(ctx, name) // as they should be.
	})
}

// service makes a manual service.
func (c *check) service(name string, program winpath.Path, arguments []string) {
	c.create(name, config(name, program, arguments))
}

// running makes a service and starts it.
func (c *check) running(name string) state.ServiceConfig {
	program := c.Directory.Join(name + ".exe")
	made := config(name, program, c.Program(program, name))
	c.create(name, made)
	c.must(c.Host.Services.Start(c.ctx(), name))
	return made
}

func (c *check) status(name string, want state.ServiceStatus) {
	got, err := c.Host.Services.Service(c.ctx(), name)
	c.must(err)
	c.equal("status of "+name, want, got.Status)
}

func missingService(c *check) {
	const name = "mullion-nobody"
	services := c.Host.Services
	_, observing := services.Service(c.ctx(), name)
	for what, err := range map[string]error{
		"Service": observing, "Configure": services.Configure(c.ctx(), name, config(name, `C:\x.exe`, nil)),
		"Delete": services.Delete(c.ctx(), name), "Start": services.Start(c.ctx(), name), "Stop": services.Stop(c.ctx(), name),
	} {
		c.is(what, err, fs.ErrNotExist)
	}
}

func configuredService(c *check) {
	const name = "mullion-configured"
	c.service("mullion-base", `C:\k\base.exe`, nil)
	plain := config(name, `C:\k\x.exe`, nil)
	full := state.ServiceConfig{
		DisplayName: "A test", Description: "of the agent", CommandLine: `"C:\k\x.exe" --log "C:\with spaces\x.log"`,
		DependsOn: []string{"mullion-base"}, Start: state.StartDelayed, Account: state.LocalSystem,
		Recovery:    state.Recovery{RestartAfterSeconds: []int{5, 10}, ResetAfterSeconds: 3600, OnError: true},
		Environment: []string{"A=1", "B=with space"},
	}
	automatic, disabled, twice := plain, plain, plain
	automatic.Start, disabled.Start = state.StartAutomatic, state.StartDisabled
	const nothing, restart = 0, 1
	twice.OtherRecovery = state.FailureActions{ // As containerd registers itself.
		Actions: []state.FailureAction{
			{Type: restart, DelayMilliseconds: 60000}, {Type: restart, DelayMilliseconds: 1500}, {Type: nothing},
		},
		ResetAfterSeconds: 86400, OnError: true,
	}
	c.create(name, full)
	for _, want := range []state.ServiceConfig{full, plain, full, twice, automatic, twice, disabled} {
		c.must(c.Host.Services.Configure(c.ctx(), name, want))
		got, err := c.Host.Services.Service(c.ctx(), strings.ToUpper(name))
		c.must(err)
		c.equal("configuration", want, got.Config)
		c.equal("status", state.ServiceStopped, got.Status)
	}
}

func createdTwice(c *check) {
	const name = "mullion-twice"
	c.service(name, `C:\k\x.exe`, nil)
	c.is("again", c.Host.Services.Create(c.ctx(), name, config(name, `C:\k\y.exe`, nil)), fs.ErrExist)
	c.is("in another case", c.Host.Services.Create(c.ctx(), strings.ToUpper(name), config("another", `C:\k\y.exe`, nil)), fs.ErrExist)
	got, err := c.Host.Services.Service(c.ctx(), name)
	c.must(err)
	c.equal("configuration", config(name, `C:\k\x.exe`, nil), got.Config)
}

func startedService(c *check) {
	const name = "mullion-started"
	program := c.Directory.Join("service.exe")
	c.service(name, program, c.Program(program, name))
	c.status(name, state.ServiceStopped)
	for range 2 {
		for range 2 {
			c.must(c.Host.Services.Start(c.ctx(), strings.ToUpper(name)))
			c.status(name, state.ServiceRunning)
		}
		for range 2 {
			c.must(c.Host.Services.Stop(c.ctx(), name))
			c.status(name, state.ServiceStopped)
		}
		// At once: that a service has stopped means that its process has ended.
		c.must(c.Host.Files.Remove(c.ctx(), program))
		c.Program(program, name)
	}
}

func configuredWhileRunning(c *check) {
	const name = "mullion-changed"
	changed := c.running(name)
	changed.Description = "changed"
	c.must(c.Host.Services.Configure(c.ctx(), name, changed))
	c.status(name, state.ServiceRunning)
	got, err := c.Host.Services.Service(c.ctx(), name)
	c.must(err)
	c.equal("configuration", changed, got.Config)
	c.must(c.Host.Services.Stop(c.ctx(), name))
}

func dependencies(c *check) {
	const base, middle, top = "mullion-base", "mullion-middle", "mullion-top"
	c.service(base, c.Directory.Join("base.exe"), c.Program(c.Directory.Join("base.exe"), base))
	for name, needs := range map[string]string{middle: base, top: middle} {
		program := c.Directory.Join(name + ".exe")
		onTop := config(name, program, c.Program(program, name))
		onTop.DependsOn = []string{strings.ToUpper(needs)}
		c.create(name, onTop)
	}
	c.dependents(base, nil)
	c.must(c.Host.Services.Start(c.ctx(), top))
	c.status(base, state.ServiceRunning)
	c.dependents(base, []string{middle, top})
	c.dependents(middle, []string{top})
	c.is("stopping it first", c.Host.Services.Stop(c.ctx(), base), nil)
	c.status(base, state.ServiceRunning)
	c.must(c.Host.Services.Stop(c.ctx(), top))
	c.dependents(base, []string{middle})
	c.must(c.Host.Services.Stop(c.ctx(), middle))
	c.dependents(base, nil)
	c.must(c.Host.Services.Stop(c.ctx(), base))
}

func (c *check) dependents(name string, want []string) {
	got, err := c.Host.Services.Service(c.ctx(), name)
	c.must(err)
	c.equal("dependents that are not stopped", want, append([]string(nil), slices.Sorted(slices.Values(got.Dependents))...))
}

func deletedService(c *check) {
	const name = "mullion-deleted"
	c.running(name)
	c.must(c.Host.Services.Stop(c.ctx(), name), c.Host.Services.Delete(c.ctx(), name))
	// Stop has closed its own handles; the service control manager takes a moment to close those of a process that ended.
	c.eventually("it is gone", func() bool {
		_, err := c.Host.Services.Service(c.ctx(), name)
		return isNotExist(err)
	})
	c.service(name, `C:\k\x.exe`, nil)
}
