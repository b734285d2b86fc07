package manifest

import "sync"

// place is where a value was found. Where its parts are is found out when somebody asks, which most never do.
type place struct {
	file string
	// line is the one on which the value begins.
	line int
	// parts finds the value's parts.
	parts func() *node
}

// inDocument is the place of a document's value.
func inDocument(file string, document chunk) place {
	return place{file: file, line: document.content, parts: sync.OnceValue(func() *node {
		root, err := plant(document)
		if err != nil {
			return &node{} // It has been parsed before, so that this does not happen.
		}
		return root
	})}
}

// lineOf is the line of a field, or of the nearest parent that is there.
func (p place) lineOf(field string) int {
	root := p.parts()
	if at := root.follow(parsePath(field)); at != root {
		return at.line
	}
	return p.line
}

// item is the place of an item of the list that is found here.
func (p place) item(i int) place {
	list := p.parts().follow(parsePath("items"))
	if i >= len(list.items) {
		return p
	}
	item := list.items[i]
	return place{file: p.file, line: item.line, parts: func() *node { return item }}
}
