package hostagent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
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
			t.Logf("%+v", facts)
			want := []any{options.Build, options.UBR, "ServerDatacenter", "Server Core", options.Language}
			got := []any{facts.Build, facts.UBR, facts.Edition, facts.InstallationType, facts.Language}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
