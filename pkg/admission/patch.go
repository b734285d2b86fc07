package admission

import "strings"

// Operation is one step of a JSON patch, RFC 6902.
type Operation struct {
	Op   string `json:"op"`
	Path string `json:"path"`
	// Value is whatever encoding/json can write. Null cannot be added: Kubernetes has no use for it.
	Value any `json:"value,omitempty"`
}

// Add sets the field at the path, or inserts into the list there; the path's parent must exist. The last token
// "-" appends to a list.
func Add(value any, path ...string) Operation {
	return Operation{Op: "add", Path: Pointer(path...), Value: value}
}

// Replace changes the field at the path, which must exist.
func Replace(value any, path ...string) Operation {
	return Operation{Op: "replace", Path: Pointer(path...), Value: value}
}

// Remove deletes the field at the path, which must exist.
func Remove(path ...string) Operation {
	return Operation{Op: "remove", Path: Pointer(path...)}
}

// Pointer is the JSON pointer, RFC 6901, of a path of unescaped names and indexes:
// spec, nodeSelector, kubernetes.io/os is /spec/nodeSelector/kubernetes.io~1os.
func Pointer(path ...string) string {
	var pointer strings.Builder
	for _, token := range path {
		pointer.WriteByte('/')
		pointer.WriteString(strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1"))
	}
	return pointer.String()
}
