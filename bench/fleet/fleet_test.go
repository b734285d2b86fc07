package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/bench/internal/usage"
)

func TestWhatWasUsedIsToldByTheHostAndByTheMinute(t *testing.T) {
	r := result{
		plan:   plan{first: 2, hosts: 10, resync: time.Minute, window: 2 * time.Minute},
		joined: used{elapsed: 3 * time.Second, manager: time.Second, requests: map[string]int{"get nodes": 60, "create events": 40}},
		others: used{elapsed: 20 * time.Second},
		rest: used{
			elapsed: 2 * time.Minute, manager: 3 * time.Second, bytes: 4 << 20, requests: map[string]int{"update leases": 50},
		},
		memory: memory{Memory: usage.Memory{Resident: 90 << 20, Peak: 100 << 20}, liveHeap: 40 << 20},
	}
	var out strings.Builder
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"2 hosts, made known 2 at once, are Ready after 3.0 s. Each took CPU of the node manager 0.50 s",
		"requests to the API server 50.0: 30.0 get nodes 20.0 create events",
		"8 hosts, made known 8 at once, are Ready after 20.0 s.", "10 hosts at rest for 2m0s, each looked at every 1m0s",
		"CPU of the node manager 1.50 s a minute", "resident 90 MiB, at most 100 MiB live heap 40 MiB", "2.00 MiB a minute",
		"25.0 a minute: 25.0 update leases",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in:\n%s", want, out.String())
		}
	}
}

func TestRequestsAreCountedOnceAndWhenTheirLineIsWhole(t *testing.T) {
	trail, err := newTrail()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := trail.remove(); err != nil {
			t.Error(err)
		}
	})
	for _, step := range []struct {
		added string
		want  map[string]int
	}{
		{`{"verb":"patch","objectRef":{"resource":"windowshosts","subresource":"status"}}` + "\n", map[string]int{"patch windowshosts/status": 1}},
		{`{"verb":"get","requestURI":"/version"}` + "\n" + `{"verb":"get","obj`, map[string]int{"get /version": 1}},
		{`ectRef":{"resource":"nodes"}}` + "\n", map[string]int{"get nodes": 1}},
		{"", map[string]int{}},
	} {
		file, err := os.OpenFile(trail.log(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(step.added); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := trail.requests()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", step.added, diff)
		}
	}
}

func TestEveryHostIsLookedAtWhileHostsAreWatched(t *testing.T) {
	for sentence, c := range map[string]struct {
		plan plan
		fine bool
	}{
		"once":                     {plan{first: 1, hosts: 1, resync: time.Minute, window: time.Minute}, true},
		"none can be fewer":        {plan{first: 1, hosts: 1, broken: -1, resync: time.Minute, window: time.Minute}, false},
		"not in a shorter time":    {plan{first: 1, hosts: 1, resync: time.Minute, window: time.Second}, false},
		"never is not often":       {plan{first: 1, hosts: 1, resync: 0, window: time.Minute}, false},
		"somebody has to join":     {plan{first: 0, hosts: 1, resync: time.Minute, window: time.Minute}, false},
		"all are no fewer than it": {plan{first: 2, hosts: 1, resync: time.Minute, window: time.Minute}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if err := c.plan.validate(); (err == nil) != c.fine {
				t.Error(err)
			}
		})
	}
}
