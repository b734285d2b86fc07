package policy

// ternary is the answer to whether a node's labels satisfy a selector, where not every label is known: the
// labels of nodes yet to be made, or labels that differ from node to node within a class.
type ternary int8

const (
	no ternary = iota
	unknown
	yes
)

func and(a, b ternary) ternary { return min(a, b) }

func or(a, b ternary) ternary { return max(a, b) }

func not(a ternary) ternary { return yes - a }

func answer(b bool) ternary {
	if b {
		return yes
	}
	return no
}
