//go:build windows

// Command shutdown stands in for Windows' shutdown.exe: it leaves the request for whoever runs the host.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// defaultDelay is how long Windows waits unless told otherwise by /t.
const defaultDelay = 30 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	restart, ask, delay := false, false, defaultDelay
	for i := 0; i < len(args); i++ {
		switch strings.ToLower(strings.Replace(args[i], "-", "/", 1)) {
		case "/r", "/g":
			restart, ask = true, true
		case "/s":
			ask = true
		case "/a":
			return abort()
		case "/f": // There is nothing that could refuse.
		case "/c", "/d": // A comment, a reason.
			i++
		case "/t":
			i++
			seconds, err := strconv.Atoi(argument(args, i))
			if err != nil || seconds < 0 {
				return errors.New("Enter a valid value for /t.") //nolint:revive,staticcheck // As the original says it.
			}
			delay = time.Duration(seconds) * time.Second
		default:
			return fmt.Errorf("%s: invalid argument/option", args[i])
		}
	}
	if !ask {
		return errors.New("neither /r nor /s was given")
	}
	return leave(guest.Shutdown{Restart: restart, At: time.Now().Add(delay)})
}

func argument(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

func abort() error {
	err := os.Remove(guest.ShutdownFile)
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("no shutdown was in progress (1116)")
	}
	return err
}

// leave writes the request in one go: it is read while it is written.
func leave(request guest.Shutdown) error {
	content, err := json.Marshal(request)
	if err != nil {
		return err
	}
	unfinished := guest.ShutdownFile + ".unfinished"
	if err := os.WriteFile(unfinished, content, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, guest.ShutdownFile)
}
