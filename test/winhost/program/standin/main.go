//go:build windows

// Command standin is a tool of the host that does what a test says: it takes the name of the tool from its own
// file's name, notes how it was called, and follows the script for that name. Without one it fails.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

func main() {
	code, err := run(time.Now())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(now time.Time) (int, error) {
	executable, err := os.Executable()
	if err != nil {
		return 0, err
	}
	tool := strings.TrimSuffix(strings.ToLower(filepath.Base(executable)), ".exe")
	rule, err := ruleFor(tool, os.Args[1:])
	if err != nil {
		return 0, err
	}
	if err := record(guest.Call{Tool: tool, Args: os.Args[1:], Time: now, ExitCode: rule.ExitCode}); err != nil {
		return 0, err
	}
	if rule.Delay > 0 {
		<-time.After(rule.Delay)
	}
	_, err = os.Stdout.WriteString(rule.Stdout)
	if err == nil {
		_, err = os.Stderr.WriteString(rule.Stderr)
	}
	return rule.ExitCode, err
}

func ruleFor(tool string, args []string) (guest.Rule, error) {
	unscripted := guest.Rule{
		Stderr:   fmt.Sprintf("%s is a stand-in, and no script says what to do for %q\r\n", tool, args),
		ExitCode: 1,
	}
	path := filepath.Join(guest.ScriptFolder, tool+".json")
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return unscripted, nil
	}
	if err != nil {
		return guest.Rule{}, err
	}
	var script guest.Script
	if err := json.Unmarshal(content, &script); err != nil {
		return guest.Rule{}, fmt.Errorf("reading %s: %w", path, err)
	}
	if rule, found := script.Find(args); found {
		return rule, nil
	}
	return unscripted, nil
}

// record leaves one file for each call, so that calls at the same time do not get in each other's way.
func record(call guest.Call) error {
	content, err := json.Marshal(call)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(guest.CallFolder, 0o755); err != nil {
		return err
	}
	name := filepath.Join(guest.CallFolder, fmt.Sprintf("%020d-%d", call.Time.UnixNano(), os.Getpid()))
	if err := os.WriteFile(name+".unfinished", content, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".unfinished", name+".json")
}
