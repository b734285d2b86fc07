package winhost_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/lacking"
	"github.com/mullion-dev/mullion/test/winhost"
)

// patience bounds what takes seconds on a machine that has nothing else to do.
const patience = 2 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(orphanVariable) != "" {
		startAndDie()
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	started := time.Now()
	_, err := winhost.Setup(context.Background(), winhost.SetupOptions{Log: os.Stderr})
	var unavailable *winhost.UnavailableError
	if errors.As(err, &unavailable) {
		fmt.Fprintln(os.Stderr, "SKIPPING ALL TESTS ON WINDOWS HOSTS:", err)
	} else if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stderr, "set up after", time.Since(started).Round(time.Millisecond))
	return m.Run()
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// start starts a host that ends with the test, or skips the test where there can be none.
func start(t *testing.T, o winhost.Options) *winhost.Host {
	t.Helper()
	host, err := winhost.Start(testContext(t), o)
	var unavailable *winhost.UnavailableError
	if errors.As(err, &unavailable) {
		lacking.Skip(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			logs, err := host.Logs()
			t.Log(logs, err)
		}
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	return host
}

// output runs a command line that must succeed and returns what it prints.
func output(t *testing.T, host *winhost.Host, line string) string {
	t.Helper()
	result, err := host.Exec(testContext(t), line)
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 0 {
		t.Fatalf("%s: exit code %d: %s%s", line, result.ExitCode, result.Stdout, result.Stderr)
	}
	return strings.ReplaceAll(result.Stdout, "\r\n", "\n")
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx := testContext(t)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("waiting until %s: %v", what, context.Cause(ctx))
		}
	}
}
