package redact

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// lastApplied is where kubectl keeps a copy of all that was applied.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// Object takes out of an object, as JSON has it, what looks like a secret, and returns how many there were. It changes
// the object. What managers own and what was applied last are dropped, and bundles of certificates are shortened to what
// tells them apart.
func (r *Redactor) Object(object map[string]any) int {
	w := &walker{Redactor: r}
	if metadata, ok := object["metadata"].(map[string]any); ok {
		delete(metadata, "managedFields")
		if annotations, ok := metadata["annotations"].(map[string]any); ok {
			delete(annotations, lastApplied)
		}
	}
	w.object(object)
	return w.count
}

// walker goes through one object.
type walker struct {
	*Redactor
	count int
}

func (w *walker) object(object map[string]any) {
	if object["kind"] == "Secret" { // Embedded in something: no Secret is ever asked for.
		for _, field := range []string{"data", "stringData"} {
			if _, found := object[field]; found {
				object[field] = w.mark()
			}
		}
	}
	// A variable, a header or a parameter: its name says what its value is.
	if name, ok := object["name"].(string); ok && w.sensitive.MatchString(name) {
		if text, ok := object["value"].(string); ok && text != "" {
			object["value"] = w.mark()
		}
	}
	for key, content := range object {
		object[key] = w.field(key, content)
	}
}

// field is the content of a field without secrets.
func (w *walker) field(key string, content any) any {
	text, isText := content.(string)
	switch {
	case isText && text == "":
		return text
	case isText && key == "caBundle":
		return shortened(text)
	case isText && (w.sensitive.MatchString(key) || w.files.MatchString(key)):
		return w.mark()
	}
	return w.content(content)
}

func (w *walker) content(content any) any {
	switch c := content.(type) {
	case map[string]any:
		w.object(c)
	case []any:
		w.list(c)
	case string:
		text, count := w.Text(c)
		w.count += count
		return text
	}
	return content
}

// list looks at each element, and at what follows a flag such as --password.
func (w *walker) list(list []any) {
	follows := false
	for i, element := range list {
		text, isText := element.(string)
		switch {
		case isText && follows && !strings.HasPrefix(text, "-"):
			list[i] = w.mark()
		default:
			list[i] = w.content(element)
		}
		follows = isText && strings.HasPrefix(text, "-") && w.sensitive.MatchString(text)
	}
}

func (w *walker) mark() string {
	w.count++
	return Mark
}

// shortened tells one bundle of certificates from another.
func shortened(encoded string) string {
	bundle, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return Mark
	}
	return fmt.Sprintf("%d bytes, SHA-256 %x", len(bundle), sha256.Sum256(bundle))
}
