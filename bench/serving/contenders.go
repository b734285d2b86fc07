package main

import (
	"fmt"
	"net/http"
)

// contender is a way to answer admission reviews.
type contender struct {
	// name is for flags and programs, title for people.
	name, title string
	// handler makes what answers. It is called in the contender's own process.
	handler func() (http.Handler, error)
	// review makes what is asked.
	review func() ([]byte, error)
}

// yardstick is the name of the contender that the others are compared with.
const yardstick = "noop"

func contenders() []contender {
	return append([]contender{
		{"blind", "answers without reading", blind, captured},
		{yardstick, "controller-runtime, no-op", noop, captured},
		{"defaulter", "controller-runtime, defaulter with our edits", defaulter, captured},
	}, ours()...)
}

func contenderNamed(name string) (contender, error) {
	for _, c := range contenders() {
		if c.name == name {
			return c, nil
		}
	}
	return contender{}, fmt.Errorf("there is no contender %q", name)
}
