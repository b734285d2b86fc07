package hostagent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/test/winhost"
)

func TestFactsAreThoseOfTheHost(t *testing.T) {
	tests := map[string]winhost.Options{
		"Windows Server 2019 in German": {Build: "10.0.17763", UBR: 6293, Hostname: "nineteen", Language: "de-DE"},
		"Windows Server 2022, where PowerShell runs commands": {
			Build: "10.0.20348", UBR: 2700, Hostname: "twentytwo", Language: "en-US", DefaultShell: winhost.DefaultShellPowerShell,
		},
	}
	for name, options := range tests {
		t.Run(name, func(t *testing.T) {
			h := start(t, options)
			facts := h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts
			want := []any{options.Build, options.UBR, "ServerDatacenter", "Server Core", options.Language, options.Hostname, "1"}
			got := []any{
				facts.Build, facts.UBR, facts.Edition, facts.InstallationType, facts.Language, strings.ToLower(facts.Hostname), facts.BootID,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if facts.MemoryBytes == 0 || len(facts.Disks) == 0 || facts.Disks[0].FreeBytes == 0 || time.Since(facts.Time).Abs() > time.Minute {
				t.Errorf("memory, disks or time are wrong: %+v", facts)
			}
			if port := h.portOfSSH(); port == 0 {
				t.Error("sshd listens on port 0")
			}
			shell := options.DefaultShell
			if shell == "" {
				shell = `C:\windows\system32\cmd.exe`
			}
			if !strings.EqualFold(facts.SSHShell.String(), shell) {
				t.Errorf("the shell is %s", facts.SSHShell)
			}
		})
	}
}

// portOfSSH is where sshd listens, as soon as that is known: Wine finds whose a port is by what processes have open
// themselves, which a server that has just begun may not.
func (h host) portOfSSH() (port uint16) {
	h.t.Helper()
	eventually(h.t, "sshd is known to listen", func() bool {
		listeners := h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts.Listeners
		at := slices.IndexFunc(listeners, func(l state.Listener) bool { return l.Service == "sshd" })
		if at < 0 {
			return false
		}
		port = listeners[at].Port
		return true
	})
	return port
}
