//go:build windows

// Command anchor runs as long as the host is on. Wine switches a host off, services and all, when the last
// program ends that is not a service; this one does not end. Beside, it carries out the recovery actions of
// services, which Wine's service manager leaves out.
package main

import (
	"log"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows/svc/mgr"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// interval is how often services are looked at: often enough to see any that Windows would call running.
const interval = 200 * time.Millisecond

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	file, err := os.OpenFile(filepath.Join(guest.LogFolder, "anchor.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	log.SetOutput(file)

	manager, err := mgr.Connect()
	if err != nil {
		return err
	}
	defer func() { _ = manager.Disconnect() }()
	r := newRecovery(manager)
	for range time.Tick(interval) {
		r.look()
	}
	return nil
}
