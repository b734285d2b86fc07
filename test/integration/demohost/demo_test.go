// Package demohost_test gives the demonstration with Windows hosts as a stranger would, and reads what it prints.
package demohost_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/demohost"
	"github.com/mullion-dev/mullion/test/lacking"
	"github.com/mullion-dev/mullion/test/winhost"
)

func TestTwoHostsAreConfiguredBrokenRepairedAndGivenBackAsTheyWere(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	var output bytes.Buffer
	err := demohost.Run(ctx, demohost.Options{Out: &output})
	if unavailable := (*winhost.UnavailableError)(nil); errors.As(err, &unavailable) {
		fmt.Fprintln(os.Stderr, "THE DEMONSTRATION WITH WINDOWS HOSTS IS SKIPPED:", unavailable)
		lacking.Skip(t, unavailable)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &output)
	}
	for _, part := range []string{
		"10.0.17763", "10.0.26100", "+ create service/containerd", "containerd successfully booted", "windows_exporter RUNNING",
		`~ update file/C:\demo\containerd.toml`, "Verified: the host is as desired.", "Proved over SFTP",
		"Both hosts are what they were before: every file, service and variable.",
	} {
		if !strings.Contains(strings.Join(strings.Fields(output.String()), " "), part) {
			t.Errorf("it does not show %q:\n%s", part, &output)
		}
	}
	if strings.Contains(output.String(), "\x1b[") {
		t.Error("it prints colour although nobody watches on a terminal")
	}
}
