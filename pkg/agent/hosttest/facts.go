package hosttest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func factContracts() map[string]contract {
	return map[string]contract{
		"facts say what the host is":                                            hostFacts,
		"facts have the services asked for, and those about containers":         serviceFacts,
		"facts tell the program of a service, and not its arguments":            secretFacts,
		"a hostname is pending until the next boot, and can be taken back":      hostname,
		"settings can be flushed, and a wait ends with its time or its context": flushAndWait,
	}
}

func (c *check) facts(services ...string) state.Facts {
	facts, err := c.Host.System.Facts(c.ctx(), services)
	c.must(err)
	return facts
}

func hostFacts(c *check) {
	facts := c.facts()
	if parts := strings.Split(facts.Build, "."); len(parts) != 3 || parts[0] != "10" {
		c.wrong("the build is %s", facts.Build)
	}
	c.equal("schema", state.Schema, facts.Schema)
	for what, value := range map[string]string{
		"agent version": facts.AgentVersion, "hostname": facts.Hostname, "boot ID": facts.BootID, "edition": facts.Edition,
		"installation type": facts.InstallationType, "language": facts.Language,
	} {
		if value == "" {
			c.wrong("the %s is not known", what)
		}
	}
	if facts.MemoryBytes <= 0 || facts.Time.IsZero() || facts.ClockSkewSeconds != 0 {
		c.wrong("memory is %d bytes, the time %s, the skew %d s", facts.MemoryBytes, facts.Time, facts.ClockSkewSeconds)
	}
	disk := slices.IndexFunc(facts.Disks, func(d state.Disk) bool { return d.Drive.Equal(c.Directory.Drive()) })
	if disk < 0 || facts.Disks[disk].FreeBytes <= 0 || facts.Disks[disk].SizeBytes < facts.Disks[disk].FreeBytes {
		c.wrong("the disks are %+v", facts.Disks)
	}
	c.equal("boot ID, asked again", facts.BootID, c.facts().BootID)
}

func serviceFacts(c *check) {
	const asked, about, other = "contract-asked", "contract-kubelet", "contract-other"
	c.running(asked)
	for _, name := range []string{about, other} {
		c.service(name, `C:\k\x.exe`, nil)
	}
	got := map[string]state.ServiceStatus{}
	for _, service := range c.facts(strings.ToUpper(asked), "contract-nobody").Services {
		if strings.HasPrefix(service.Name, "contract-") {
			got[service.Name] = service.Status
		}
		if service.Ours {
			c.wrong("%s is said to be ours, which a host cannot know", service.Name)
		}
	}
	c.equal("services", map[string]state.ServiceStatus{asked: state.ServiceRunning, about: state.ServiceStopped}, got)
}

func secretFacts(c *check) {
	const name = "contract-token"
	c.service(name, `C:\Program Files\x\x.exe`, []string{"--token", "s3cr3t"})
	for _, service := range c.facts(name).Services {
		if service.Name == name {
			c.equal("command line", `C:\Program Files\x\x.exe`, service.CommandLine)
			return
		}
	}
	c.wrong("the service is not among the facts")
}

func hostname(c *check) {
	before := c.facts().Hostname
	c.t.Cleanup(func() { _ = c.Host.System.SetHostname(context.Background(), before) })
	for _, name := range []string{"renamed", "a-name-longer-than-netbios"} {
		c.must(c.Host.System.SetHostname(c.ctx(), name))
		facts := c.facts()
		if !strings.EqualFold(facts.Hostname, before) || !strings.EqualFold(facts.PendingHostname, name) {
			c.wrong("%s: the name is %s, and %q is pending", name, facts.Hostname, facts.PendingHostname)
		}
	}
	c.must(c.Host.System.SetHostname(c.ctx(), strings.ToUpper(before)))
	if pending := c.facts().PendingHostname; pending != "" {
		c.wrong("set back in another case, %q is pending", pending)
	}
}

func flushAndWait(c *check) {
	c.must(c.Host.System.Flush(c.ctx()), c.Host.System.Wait(c.ctx(), time.Millisecond))
	ctx, cancel := context.WithCancel(c.ctx())
	cancel()
	if err := c.Host.System.Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		c.wrong("a wait that was given up: %v", err)
	}
}
