package winhost

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// What the test program does when it is started again, as the first argument says.
const (
	asSleeper = "sleep"
	asHolder  = "hold-lock"
	asService = "service"
	asFailure = "failing-service"
	asHandle  = "hold-service"
	// holderOfLock is what a process says about itself that holds a lock.
	holderOfLock = "the other process"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case asSleeper, asHolder, asHandle:
			os.Exit(beOther(os.Args[1], os.Args[2]))
		case asService:
			os.Exit(beService(os.Args[2]))
		case asFailure:
			os.Exit(7)
		}
	}
	os.Exit(m.Run())
}

// beOther does something and waits to be killed, or for standard input to end.
func beOther(what, name string) int {
	switch what {
	case asHolder:
		if _, err := (system{}).Lock(context.Background(), winpath.Path(name), holderOfLock); err != nil {
			fmt.Println(err)
			return 1
		}
	case asHandle:
		if err := holdService(name); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0
}

// other starts the test program, or a copy of it, again, and returns when it is ready.
func other(t *testing.T, program, what, name string) (kill func()) {
	t.Helper()
	cmd := exec.Command(program, what, name)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = stdin.Close()
	}
	t.Cleanup(kill)
	said := make([]byte, 5)
	if _, err := stdout.Read(said); err != nil || string(said) != "ready" {
		t.Fatalf("the other process says %q, error %v", said, err)
	}
	return kill
}

func self(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// copyOfSelf is a program that can be replaced.
func copyOfSelf(t *testing.T, path winpath.Path) {
	t.Helper()
	content, err := os.ReadFile(self(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(string(path), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func directory(t *testing.T) winpath.Path {
	t.Helper()
	path, err := winpath.Parse(filepath.Clean(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	return path
}
