package main

import (
	"fmt"
	"syscall"
	"time"
)

// usage is what a process has used since it started.
type usage struct {
	// CPU is user and system time of all its threads.
	CPU time.Duration `json:"cpu"`
	// MaxResidentKiB is the most memory that it had resident, in KiB.
	MaxResidentKiB int64 `json:"maxResidentKiB"`
}

func usageOfThisProcess() (usage, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return usage{}, fmt.Errorf("reading the usage of this process: %w", err)
	}
	return usage{CPU: time.Duration(u.Utime.Nano() + u.Stime.Nano()), MaxResidentKiB: u.Maxrss}, nil
}
