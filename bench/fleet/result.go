package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// result is what the node manager was measured with.
type result struct {
	plan
	// joined is what was used while the first hosts joined, others while the others did, and rest at rest.
	joined, others, rest used
	// memory is as it was in the end.
	memory memory
}

func (r result) print(out io.Writer) error {
	var text strings.Builder
	text.WriteString(joining(r.first, r.first, r.joined))
	if more := r.hosts - r.first; more > 0 {
		text.WriteString(joining(more, batch, r.others))
	}
	minutes := r.rest.elapsed.Minutes()
	fmt.Fprintf(&text, "  %d hosts at rest for %v, each looked at every %v:\n", r.hosts, r.window, r.resync)
	fmt.Fprintf(&text, "    CPU of the node manager            %8.2f s a minute\n", r.rest.manager.Seconds()/minutes)
	fmt.Fprintf(&text, "    resident                           %8d MiB, at most %d MiB\n", r.memory.Resident>>20, r.memory.Peak>>20)
	fmt.Fprintf(&text, "    live heap                          %8d MiB\n", r.memory.liveHeap>>20)
	fmt.Fprintf(&text, "    over SSH, in both directions       %8.2f MiB a minute\n", float64(r.rest.bytes)/minutes/(1<<20))
	fmt.Fprintf(&text, "    requests to the API server         %8.1f a minute:\n", float64(r.rest.total())/minutes)
	text.WriteString(requests(r.rest.requests, minutes))
	_, err := io.WriteString(out, text.String())
	return err
}

// joining tells what it took until hosts were nodes.
func joining(count, atOnce int, u used) string {
	each := func(d time.Duration) float64 { return d.Seconds() / float64(count) }
	return fmt.Sprintf("  %d hosts, made known %d at once, are Ready after %.1f s. Each took\n"+
		"    CPU of the node manager            %8.2f s\n"+
		"    CPU of the API server              %8.2f s\n"+
		"    CPU of the host itself             %8.2f s\n"+
		"    over SSH, in both directions       %8.2f MiB\n"+
		"    requests to the API server         %8.1f:\n%s",
		count, min(count, atOnce), u.elapsed.Seconds(), each(u.manager), each(u.server), each(u.hosts), float64(u.bytes)/float64(count)/(1<<20),
		float64(u.total())/float64(count), requests(u.requests, float64(count)))
}

// requests lists how many there are in each of so many parts, most first.
func requests(counts map[string]int, parts float64) string {
	kinds := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	var lines strings.Builder
	for _, kind := range kinds {
		fmt.Fprintf(&lines, "      %8.1f  %s\n", float64(counts[kind])/parts, kind)
	}
	return lines.String()
}
