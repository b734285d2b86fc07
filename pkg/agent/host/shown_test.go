package host_test

import (
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

func TestTheProgramOfACommandLine(t *testing.T) {
	tests := map[string]struct{ line, want string }{
		"quoted, with arguments":     {`"C:\Program Files\rke2\rke2.exe" agent --token secret`, `C:\Program Files\rke2\rke2.exe`},
		"not quoted, with spaces":    {`C:\Program Files\x\x.exe --token secret`, `C:\Program Files\x\x.exe`},
		"alone":                      {`C:\Program Files\x\x.EXE`, `C:\Program Files\x\x.EXE`},
		"without an extension":       {`C:\x\x --token secret`, `C:\x\x`},
		"nothing":                    {``, ``},
		"a quotation mark not ended": {`"C:\x.exe --token`, `C:\x.exe`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := host.ProgramOf(tt.line); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestServicesAreToldByTheirNames(t *testing.T) {
	tests := map[string]bool{
		"kubelet": true, "Containerd": true, "docker": true, "CalicoNode": true, "hns": true, "mullion-agent": true,
		"Spooler": false, "sshd": false, "W32Time": false, "": false,
	}
	for name, want := range tests {
		if got := host.AboutContainers(name); got != want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}
