package rollout

import (
	"fmt"
	"slices"
	"strings"
)

// manyBefore is from how many hosts on a message does not say how many: it would change each time one of them is done,
// and be written to the status of every host that waits.
const manyBefore = 10

// message says whom a host waits for.
func (c *capacity) message(h *Host) string {
	before := slices.Concat(c.ahead, c.behind)
	out := outside(c.out, before)
	if !h.Available {
		out = nil // They do not keep one that is out of service itself.
	}
	var first string
	switch {
	case len(c.turns) > 0:
		t := firstOf(c.turns)
		first = fmt.Sprintf("%s (%s)", t.Key, t.Disruption.Reason)
	case len(out) > 0:
		o := firstOf(out)
		first = fmt.Sprintf("%s (out of service: %s)", o.Key, o.OutBecause)
	default:
		first = fmt.Sprintf("%s (comes first)", before[0].Key)
	}
	others := len(c.turns) + len(out) + len(before) - 1
	return fmt.Sprintf("Waits for %s%s; %d of %s may be out of service at once.",
		first, andOthers(others), c.limit, countOf(c.total, "host", "hosts"))
}

// firstOf is the first by name, so that everybody names the same one.
func firstOf(hosts []*Host) *Host { return slices.MinFunc(hosts, compareKeys) }

func compareKeys(a, b *Host) int { return strings.Compare(a.Key.String(), b.Key.String()) }

func andOthers(n int) string {
	switch {
	case n <= 0:
		return ""
	case n > manyBefore:
		return fmt.Sprintf(" and more than %d others", manyBefore)
	default:
		return " and " + countOf(n, "other", "others")
	}
}

// maxNames is how many hosts a message names.
const maxNames = 5

// names lists hosts by name, the first few of them.
func names(hosts []*Host) string {
	sorted := slices.SortedFunc(slices.Values(hosts), compareKeys)
	shown := make([]string, 0, maxNames)
	for _, h := range sorted[:min(len(sorted), maxNames)] {
		shown = append(shown, h.Key.String())
	}
	rest := len(sorted) - len(shown)
	switch {
	case rest > 0:
		return fmt.Sprintf("%s and %s", strings.Join(shown, ", "), countOf(rest, "other", "others"))
	case len(shown) > 1:
		return strings.Join(shown[:len(shown)-1], ", ") + " and " + shown[len(shown)-1]
	default:
		return strings.Join(shown, "")
	}
}

// phrase names a change in a sentence.
func (c Change) phrase() string {
	return fmt.Sprintf("generation %d of WindowsNodeConfig %q", c.Generation, c.NodeConfig)
}

func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
