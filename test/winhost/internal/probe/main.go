//go:build windows

// Command probe asks Windows, through the libraries that programs use, what tests want to know, and is a service
// itself. It prints JSON.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "which command?")
		os.Exit(2)
	}
	answer, err := ask(os.Args[1], os.Args[2:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ask(command string, args []string) (any, error) {
	switch command {
	case "args":
		return args, nil
	case "copy":
		return io.Copy(os.Stdout, os.Stdin)
	case "run":
		return nil, runService(args[0])
	case "process":
		return process()
	case "time":
		return time.Now(), nil
	}
	manager, err := mgr.Connect()
	if err != nil {
		return nil, err
	}
	defer func() { _ = manager.Disconnect() }()
	if command == "install" {
		return nil, install(manager, args)
	}
	service, err := manager.OpenService(args[0])
	if err != nil {
		return nil, err
	}
	defer func() { _ = service.Close() }()
	switch command {
	case "start":
		return nil, guest.StartService(service)
	case "stop":
		_, err := service.Control(svc.Stop)
		return nil, err
	case "crash":
		_, err := service.Control(crash)
		return nil, err
	case "delete":
		return nil, service.Delete()
	case "state":
		status, err := service.Query()
		return status.State, err
	case "dependents":
		return service.ListDependentServices(svc.AnyActivity)
	case "config":
		return configuration(service)
	default:
		return nil, fmt.Errorf("there is no command %q", command)
	}
}

// process is what a program finds out about itself.
func process() (any, error) {
	isService, err := svc.IsWindowsService()
	return map[string]any{
		"service":  isService,
		"elevated": windows.GetCurrentProcessToken().IsElevated(),
		"FLAVOR":   os.Getenv("FLAVOR"),
	}, err
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
}
