package host

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// printFacts writes facts for people, one a line.
func printFacts(out io.Writer, facts *state.Facts) error {
	lines := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(what, format string, values ...any) {
		fmt.Fprintf(lines, "%s\t%s\n", what, fmt.Sprintf(format, values...))
	}
	line("Hostname", "%s", facts.Hostname)
	if facts.PendingHostname != "" {
		line("After reboot", "%s", facts.PendingHostname)
	}
	line("Build", "%s.%d, %s, %s, %s", facts.Build, facts.UBR, facts.Edition, facts.InstallationType, facts.Language)
	if facts.Domain != "" {
		line("Domain", "%s", facts.Domain)
	}
	line("Clock", "%s, %+d s from ours", facts.Time.UTC().Format("2006-01-02 15:04:05 MST"), facts.ClockSkewSeconds)
	line("Memory", "%s", size(facts.MemoryBytes))
	for _, disk := range facts.Disks {
		line("Disk", "%s %s free of %s", disk.Drive, size(disk.FreeBytes), size(disk.SizeBytes))
	}
	for _, network := range facts.Networks {
		line("Network", "%s %s", network.Name, strings.Join(network.Addresses, ", "))
	}
	for _, network := range facts.ContainerNetworks {
		line("HNS network", "%s %s %s", network.Name, network.Type, strings.Join(network.Subnets, ", "))
	}
	if facts.DefaultRoute != nil {
		line("Default route", "%s by %s", facts.DefaultRoute.Gateway, facts.DefaultRoute.Network)
	}
	if facts.SSHShell != "" {
		line("SSH shell", "%s", facts.SSHShell)
	}
	for _, feature := range facts.Features {
		line("Feature", "%s %s", feature.Name, feature.State)
	}
	for _, service := range facts.Services {
		whose := "not ours"
		if service.Ours {
			whose = "ours"
		}
		line("Service", "%s %s, %s", service.Name, service.Status, whose)
	}
	line("Agent", "%s", facts.AgentVersion)
	pending := "no"
	if len(facts.PendingReboot) > 0 {
		pending = strings.Join(facts.PendingReboot, ", ")
	}
	line("Reboot pending", "%s", pending)
	return lines.Flush()
}
