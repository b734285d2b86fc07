// Package document writes the files of a node so that the same content is always the same bytes.
package document

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// JSON writes a value with indentation, its keys sorted if it is a map, and with a line feed at the end. Characters
// such as < and & stay as they are: these files are read by people, never by browsers.
func JSON(value any) ([]byte, error) {
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return written.Bytes(), nil
}

// Strings is a list of strings as one of JSON values.
func Strings(list []string) []any {
	values := make([]any, len(list))
	for i, s := range list {
		values[i] = s
	}
	return values
}
