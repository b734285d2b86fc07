package manifest

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// node says where a value stands, and where its parts do. A field's line is that of its name.
type node struct {
	line   int
	fields map[string]*node
	items  []*node
}

// follow goes along a path as far as it leads, and returns where that is.
func (n *node) follow(path []segment) *node {
	for _, step := range path {
		next := n.fields[step.name]
		if i := step.index(); next == nil && i >= 0 && i < len(n.items) {
			next = n.items[i]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// planter makes nodes of what the YAML parser found.
type planter struct {
	// offset is added to the parser's lines.
	offset int
	// anchored are the nodes of values that aliases stand for, each made once, however often it is named; nil
	// while it is being made, for a value that contains itself.
	anchored map[*yaml.Node]*node
	// repeated is the first field that is set twice, and the line of the second time.
	repeated     string
	repeatedLine int
}

// plant parses a document for the positions of its parts, and for fields that are set twice.
func plant(document chunk) (*node, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(document.text, &root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 {
		return &node{line: document.line}, nil
	}
	p := planter{offset: document.line - 1, anchored: map[*yaml.Node]*node{}}
	planted := p.value(root.Content[0])
	if p.repeated != "" {
		return nil, fmt.Errorf("line %d: field %q is set twice", p.repeatedLine-p.offset, p.repeated)
	}
	return planted, nil
}

func (p *planter) value(from *yaml.Node) *node {
	n := &node{line: from.Line + p.offset}
	switch from.Kind {
	case yaml.MappingNode:
		n.fields = make(map[string]*node, len(from.Content)/2)
		p.mapping(n, from)
	case yaml.SequenceNode:
		n.items = make([]*node, len(from.Content))
		for i, item := range from.Content {
			n.items[i] = p.value(item)
		}
	case yaml.AliasNode:
		if target := p.alias(from); target != nil {
			n.fields, n.items = target.fields, target.items
		}
	}
	return n
}

// alias is the node of the value that an alias stands for, or nil where that contains the alias.
func (p *planter) alias(from *yaml.Node) *node {
	target, begun := p.anchored[from.Alias]
	if !begun {
		p.anchored[from.Alias] = nil
		target = p.value(from.Alias)
		p.anchored[from.Alias] = target
	}
	return target
}

// mapping fills in the fields of a mapping: first those that it merges in, then its own, which win.
func (p *planter) mapping(n *node, from *yaml.Node) {
	for i := 0; i+1 < len(from.Content); i += 2 {
		if from.Content[i].Tag == "!!merge" {
			p.merge(n, from.Content[i+1])
		}
	}
	own := make(map[string]struct{}, len(from.Content)/2)
	for i := 0; i+1 < len(from.Content); i += 2 {
		key := from.Content[i]
		if key.Tag == "!!merge" {
			continue
		}
		if _, set := own[key.Value]; set && p.repeated == "" {
			p.repeated, p.repeatedLine = key.Value, key.Line+p.offset
		}
		own[key.Value] = struct{}{}
		value := p.value(from.Content[i+1])
		value.line = key.Line + p.offset
		n.fields[key.Value] = value
	}
}

// merge adds the fields of a mapping, or of several of which the first win.
func (p *planter) merge(n *node, from *yaml.Node) {
	merged := p.value(from)
	for _, source := range append([]*node{merged}, merged.items...) {
		for name, field := range source.fields {
			if _, set := n.fields[name]; !set {
				n.fields[name] = field
			}
		}
	}
}
