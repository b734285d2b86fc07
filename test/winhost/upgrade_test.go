package winhost_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/winhost"
)

func TestAnUpgradeKeepsFilesAndIsOfAnotherBuild(t *testing.T) {
	host := start(t, winhost.Options{Build: "10.0.17763"})
	output(t, host, `echo kept> C:\kept.txt`)
	if err := host.Upgrade(testContext(t), "10.0.20348"); err != nil {
		t.Fatal(err)
	}
	if got := output(t, host, "ver"); !strings.Contains(got, "10.0.20348") {
		t.Errorf("version is %q", got)
	}
	if got := output(t, host, `type C:\kept.txt`); got != "kept\n" {
		t.Errorf("the file has %q", got)
	}
	if err := host.Upgrade(testContext(t), "10.0.1"); err == nil || !strings.Contains(err.Error(), "10.0.1") {
		t.Errorf("got %v, want the build that is not known to be named", err)
	}
}
