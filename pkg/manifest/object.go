package manifest

import (
	"cmp"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is one Kubernetes object and where it was found. It is immutable and safe for concurrent use.
type Object struct {
	// File is the file as it was named or found, and Line the line on which the object begins, counted from 1.
	File string
	Line int
	// Kind is the object's group, version and kind.
	Kind schema.GroupVersionKind
	// Namespace is empty where the object names none.
	Namespace string
	// Name is the object's name, or the prefix that its name is generated from.
	Name string
	// JSON is the object.
	JSON []byte

	place place
}

// LineOf is the line of a field, given by its path within the object such as spec.containers[0].image or
// metadata.labels[example.com/team]; where the object does not have it, the line of the nearest parent that it has.
func (o *Object) LineOf(field string) int {
	if field == "" {
		return o.Line
	}
	return o.place.lineOf(field)
}

// String names the object for a person, such as Deployment shop/web.
func (o *Object) String() string {
	name := cmp.Or(o.Name, "(without a name)")
	if o.Namespace != "" {
		name = o.Namespace + "/" + name
	}
	return o.Kind.Kind + " " + name
}

// Skipped is a document that is no Kubernetes object.
type Skipped struct {
	File string
	Line int
	// Why says in a few words why it is none.
	Why string
}

// String is the note for a person.
func (s Skipped) String() string { return position(s.File, s.Line) + ": skipped: " + s.Why }
