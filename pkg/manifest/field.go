package manifest

import (
	"strconv"
	"strings"
)

// segment is one step of a field path: the name of a field, or what stands in brackets, which is an index of a list
// or a key of a map.
type segment struct {
	name    string
	bracket bool
}

// parsePath takes a field path such as spec.containers[0].image or metadata.labels[example.com/team] apart.
func parsePath(path string) []segment {
	var segments []segment
	for path != "" {
		if inside, found := strings.CutPrefix(path, "["); found {
			key, rest, _ := strings.Cut(inside, "]")
			segments = append(segments, segment{name: key, bracket: true})
			path = strings.TrimPrefix(rest, ".")
			continue
		}
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		segments = append(segments, segment{name: path[:end]})
		path = strings.TrimPrefix(path[end:], ".")
	}
	return segments
}

// index is the segment as an index of a list, or -1.
func (s segment) index() int {
	index, err := strconv.Atoi(s.name)
	if !s.bracket || err != nil {
		return -1
	}
	return index
}
