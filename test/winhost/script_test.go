package winhost_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mullion-dev/mullion/test/winhost"
	"github.com/mullion-dev/mullion/test/winhost/guest"
)

func TestAToolFailsUnlessAScriptSaysWhatItDoes(t *testing.T) {
	host := start(t, winhost.Options{})
	for _, tool := range []string{"certutil", "dism", "icacls", "netsh", "powershell", "setx"} {
		result, err := host.Exec(testContext(t), tool+" /x")
		if err != nil {
			t.Fatal(err)
		}
		if result.ExitCode != 1 || !strings.Contains(result.Stderr, tool+" is a stand-in") {
			t.Errorf("%s: %+v", tool, result)
		}
	}
	err := host.Script("netsh",
		guest.Rule{Args: []string{"advfirewall", "firewall", "show"}, Stdout: "No rules match.\r\n", ExitCode: 1},
		guest.Rule{Args: []string{"advfirewall"}, Stdout: "Ok.\r\n"})
	if err != nil {
		t.Fatal(err)
	}
	if got := output(t, host, `netsh.exe advfirewall firewall add rule "name=a b"`); got != "Ok.\n" {
		t.Errorf("got %q", got)
	}
	calls, err := host.Calls("netsh")
	if err != nil {
		t.Fatal(err)
	}
	want := []guest.Call{
		{Tool: "netsh", Args: []string{"/x"}, ExitCode: 1},
		{Tool: "netsh", Args: []string{"advfirewall", "firewall", "add", "rule", "name=a b"}},
	}
	if diff := cmp.Diff(want, calls, cmpopts.IgnoreFields(guest.Call{}, "Time")); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if err := host.Script("cmd"); err == nil {
		t.Error("a tool was scripted that Wine has")
	}
}
