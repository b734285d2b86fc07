package apply

import "slices"

// change is how the entries of a list, or the lines of a file, become what is desired.
type change struct {
	// missing have to be added and surplus, which are ours, removed.
	missing, surplus []string
	// during and after are ours while that happens, and when it has.
	during, after []string
}

// changeOf computes the change from what is ours to what is wanted. The function tells which entries are not there:
// what is there and not ours is wanted by somebody else too, and stays theirs.
func changeOf(ours, want []string, absent func([]string) []string) change {
	c := change{missing: absent(want)}
	for _, entry := range ours {
		if !slices.Contains(want, entry) {
			c.surplus = append(c.surplus, entry)
		}
	}
	for _, entry := range want {
		if slices.Contains(ours, entry) || slices.Contains(c.missing, entry) {
			c.after = append(c.after, entry)
		}
	}
	c.during = union(ours, c.missing)
	return c
}

// others are the entries that are not ours.
func others(entries, ours []string) []string {
	return slices.DeleteFunc(slices.Clone(entries), func(entry string) bool { return slices.Contains(ours, entry) })
}

func union[E comparable](a, b []E) []E {
	all := slices.Clone(a)
	for _, entry := range b {
		if !slices.Contains(all, entry) {
			all = append(all, entry)
		}
	}
	return all
}
