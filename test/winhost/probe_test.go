package winhost_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mullion-dev/mullion/test/winhost"
)

const probeProgram = `C:\probe.exe`

// probe builds the probe once.
var probe = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "winhost-probe-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	executable := filepath.Join(folder, "probe.exe")
	if err := winhost.BuildProgram(context.Background(), ".", "./internal/probe", executable); err != nil {
		return nil, err
	}
	return os.ReadFile(executable)
})

// startWithProbe starts a host that has the probe.
func startWithProbe(t *testing.T, o winhost.Options) *winhost.Host {
	t.Helper()
	content, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	host := start(t, o)
	if err := host.WriteFile(probeProgram, content); err != nil {
		t.Fatal(err)
	}
	return host
}

// ask lets the probe answer.
func ask[T any](t *testing.T, host *winhost.Host, args ...string) T {
	t.Helper()
	var answer T
	out := output(t, host, probeProgram+" "+strings.Join(args, " "))
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%v: %v in %q", args, err, out)
	}
	return answer
}

// refused is what the probe says when it does not succeed.
func refused(t *testing.T, host *winhost.Host, args ...string) string {
	t.Helper()
	result, err := host.Exec(testContext(t), probeProgram+" "+strings.Join(args, " "))
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode == 0 {
		t.Fatalf("%v succeeded", args)
	}
	return result.Stderr
}
