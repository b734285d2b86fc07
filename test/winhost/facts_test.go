package winhost_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/winhost"
)

func TestAHostIsOfTheBuildThatItWasStartedWith(t *testing.T) {
	tests := map[string]struct {
		options winhost.Options
		version string
		facts   map[string]string // Values of the registry.
	}{
		"Windows Server 2019": {
			winhost.Options{Build: "10.0.17763", Hostname: "nineteen", Language: "de-DE"}, "10.0.17763",
			map[string]string{
				`"HKLM\Software\Microsoft\Windows NT\CurrentVersion" /v ProductName`:      "Windows Server 2019 Datacenter",
				`"HKLM\Software\Microsoft\Windows NT\CurrentVersion" /v UBR`:              "0x1895",
				`"HKLM\System\CurrentControlSet\Control\Nls\Language" /v InstallLanguage`: "0407",
			},
		},
		"Windows Server 2022, which is the default": {
			winhost.Options{Hostname: "twentytwo", UBR: 1}, "10.0.20348",
			map[string]string{
				`"HKLM\Software\Microsoft\Windows NT\CurrentVersion" /v UBR`:              "0x1",
				`"HKLM\Software\Microsoft\Windows NT\CurrentVersion" /v DisplayVersion`:   "21H2",
				`"HKLM\System\CurrentControlSet\Control\ProductOptions" /v ProductType`:   "ServerNT",
				`"HKLM\System\CurrentControlSet\Control\Nls\Language" /v InstallLanguage`: "0409",
			},
		},
		"Windows Server 2025": {
			winhost.Options{Build: "10.0.26100", Hostname: "twentyfive"}, "10.0.26100",
			map[string]string{`"HKLM\Software\Microsoft\Windows NT\CurrentVersion" /v CurrentBuildNumber`: "26100"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := start(t, tt.options)
			if got := output(t, host, "ver"); !strings.Contains(got, tt.version) {
				t.Errorf("version is %q, want %s", got, tt.version)
			}
			if got := output(t, host, "hostname"); !strings.EqualFold(strings.TrimSpace(got), tt.options.Hostname) {
				t.Errorf("hostname is %q, want %s", got, tt.options.Hostname)
			}
			for query, want := range tt.facts {
				if got := output(t, host, "reg query "+query); !strings.Contains(got, want) {
					t.Errorf("%s: got %q, want %s", query, got, want)
				}
			}
		})
	}
}
