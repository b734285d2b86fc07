package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// chunk is the text of one document.
type chunk struct {
	text []byte
	// line is the one on which the text begins, counted from 1, and content the first that has more than
	// comments.
	line, content int
}

// split takes a file apart into its documents. Comments and blank lines alone make none.
func split(data []byte) []chunk {
	if first := bytes.TrimLeft(data, " \t\r\n"); len(first) > 0 && first[0] == '{' {
		if chunks, ok := splitJSON(data); ok {
			return chunks
		}
	}
	return splitYAML(data)
}

// splitJSON takes a stream of JSON objects apart. It gives up on anything else, which may be YAML in braces.
func splitJSON(data []byte) ([]chunk, bool) {
	var chunks []chunk
	decoder := json.NewDecoder(bytes.NewReader(data))
	line, counted := 1, 0
	for {
		var value json.RawMessage
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return chunks, true
		case err != nil:
			return nil, false
		}
		start := int(decoder.InputOffset()) - len(value)
		line += bytes.Count(data[counted:start], []byte("\n"))
		counted = start
		chunks = append(chunks, chunk{text: value, line: line, content: line})
	}
}

// splitYAML takes a YAML stream apart at the lines that begin or end a document. In no document is there a line
// that only looks like one: YAML indents everything else.
func splitYAML(data []byte) []chunk {
	var chunks []chunk
	current := chunk{line: 1}
	end := func(next int) {
		if current.content > 0 {
			chunks = append(chunks, current)
		}
		current = chunk{line: next}
	}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if marks(line, "---") {
			end(number)
		}
		if marks(line, "...") {
			end(number + 1)
			continue
		}
		if isDirective(line) && current.content == 0 {
			// Of directives only the version is in use. The parser refuses any but 1.1, though what is
			// written as 1.2 is the same to it.
			line = []byte("\n")
		}
		if current.content == 0 && !isBlank(line) {
			current.content = number
		}
		current.text = append(current.text, line...)
	}
	end(0)
	return chunks
}

// marks tells whether a line is a marker, alone or with something after a blank.
func marks(line []byte, marker string) bool {
	rest, found := bytes.CutPrefix(line, []byte(marker))
	return found && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}

func isDirective(line []byte) bool { return len(line) > 0 && line[0] == '%' }

// isBlank tells whether a line has nothing but a marker or a comment.
func isBlank(line []byte) bool {
	if marks(line, "---") {
		line = line[len("---"):]
	}
	text := bytes.TrimSpace(line)
	return len(text) == 0 || text[0] == '#'
}
