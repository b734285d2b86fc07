package workload

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// errNotAnObject refuses documents, such as null, that decoding into a struct would let pass as an empty one.
var errNotAnObject = errors.New("not a JSON object")

// Decode reads a pod from the JSON of a v1 Pod. It keeps no reference to raw.
//
// Names are matched case-sensitively and unknown fields are skipped, as the API server does. What the API
// server never sends is an error rather than a guess: a name that occurs twice in an object, text that is
// not UTF-8, nesting deeper than 10,000 levels. Errors name the field as an RFC 6901 pointer.
//
// The decoder is go-json-experiment/json because it is the one that is both strict about those and
// fast: BenchmarkDecode has it at half the time and allocations of encoding/json and sigs.k8s.io/json.
func Decode(raw []byte) (*Pod, error) {
	if jsontext.Value(raw).Kind() != jsontext.KindBeginObject {
		return nil, fmt.Errorf("decoding pod: %w", errNotAnObject)
	}
	pod := new(Pod)
	if err := json.Unmarshal(raw, pod); err != nil {
		return nil, fmt.Errorf("decoding pod: %w", err)
	}
	return pod, nil
}

// DecodeObject reads a pod, or an object that makes pods, from the JSON of an object of the given kind, as
// [Decode] does. An object that has no pod template gets an empty one: to refuse it is the API server's part.
// A kind that [TemplatePath] does not know is an [UnknownKindError].
func DecodeObject(kind schema.GroupKind, raw []byte) (*Object, error) {
	path, ok := TemplatePath(kind)
	if !ok {
		return nil, &UnknownKindError{Kind: kind}
	}
	if path == "" {
		pod, err := Decode(raw)
		if err != nil {
			return nil, err
		}
		return &Object{Kind: kind, Metadata: pod.Metadata, Template: pod}, nil
	}
	object := &Object{Kind: kind, Template: new(Pod), Path: path}
	if err := object.decode(raw); err != nil {
		return nil, fmt.Errorf("decoding %s: %w", kind.Kind, err)
	}
	return object, nil
}

func (o *Object) decode(raw []byte) error {
	if jsontext.Value(raw).Kind() != jsontext.KindBeginObject {
		return errNotAnObject
	}
	readTemplate := into(o.Template)
	path := strings.Split(o.Path, ".")
	for _, name := range slices.Backward(path[1:]) {
		readTemplate = fields{name: readTemplate}.read
	}
	document := fields{"metadata": into(&o.Metadata), path[0]: readTemplate}

	decoder := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if err := document.read(decoder); err != nil {
		return err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("text after the object")
	}
	return nil
}

// reader reads the next value of a decoder.
type reader func(*jsontext.Decoder) error

func into(target any) reader {
	return func(decoder *jsontext.Decoder) error { return json.UnmarshalDecode(decoder, target) }
}

// fields are the fields of a JSON object that are read; all others are skipped.
type fields map[string]reader

func (f fields) read(decoder *jsontext.Decoder) error {
	if decoder.PeekKind() != jsontext.KindBeginObject {
		return f.readNonObject(decoder)
	}
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	for decoder.PeekKind() != jsontext.KindEndObject {
		name, err := decoder.ReadToken()
		if err != nil {
			return err
		}
		read, wanted := f[name.String()]
		if !wanted {
			read = (*jsontext.Decoder).SkipValue
		}
		if err := read(decoder); err != nil {
			return err
		}
	}
	_, err := decoder.ReadToken()
	return err
}

// readNonObject takes null for an absent object, as Kubernetes does, and nothing else.
func (f fields) readNonObject(decoder *jsontext.Decoder) error {
	at := decoder.StackPointer()
	token, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != jsontext.KindNull {
		return fmt.Errorf("within %q: %w", at, errNotAnObject)
	}
	return nil
}
