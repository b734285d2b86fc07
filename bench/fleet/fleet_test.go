package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/usage"
)

func TestWhatWasUsedIsToldByTheMinute(t *testing.T) {
	got := result{
		first: 2, hosts: 10, joining: 3 * time.Second, rest: 20 * time.Second, window: 2 * time.Minute,
		used: reading{cpu: 3 * time.Second, requests: 50, bytes: 4 << 20}, memory: usage.Memory{Resident: 90 << 20, Peak: 100 << 20},
	}.String()
	for _, want := range []string{
		"2 hosts made known at once are Ready after    3.0 s; 8 more after 20 s", "1.50 s a minute", "90 MiB, at most 100 MiB",
		"25 a minute", "2.0 MiB a minute",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in:\n%s", want, got)
		}
	}
}
