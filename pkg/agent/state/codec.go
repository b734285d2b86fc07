package state

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeDesired reads and validates a desired state.
func DecodeDesired(raw []byte) (*Desired, error) {
	desired := new(Desired)
	if err := Decode(raw, desired); err != nil {
		return nil, fmt.Errorf("decoding desired state: %w", err)
	}
	if err := desired.Validate(); err != nil {
		return nil, fmt.Errorf("desired state is invalid: %w", err)
	}
	return desired, nil
}

// DecodeManifest reads an ownership manifest.
func DecodeManifest(raw []byte) (*Manifest, error) {
	manifest := new(Manifest)
	if err := Decode(raw, manifest); err != nil {
		return nil, fmt.Errorf("decoding ownership manifest: %w", err)
	}
	if err := CheckSchema(manifest.Schema); err != nil {
		return nil, fmt.Errorf("decoding ownership manifest: %w", err)
	}
	for i := 1; i < len(manifest.Records); i++ {
		if manifest.Records[i-1].ID.Compare(manifest.Records[i].ID) >= 0 {
			return nil, fmt.Errorf("decoding ownership manifest: record of %s is out of order", manifest.Records[i].ID)
		}
	}
	return manifest, nil
}

// Decode reads one JSON object of at most MaxDocument bytes into a struct, and nothing else: unknown and duplicate
// names, text that is not UTF-8, and anything after the object are errors that tell where.
func Decode(raw []byte, target any) error {
	switch {
	case len(raw) > MaxDocument:
		return fmt.Errorf("the document is larger than %d bytes", MaxDocument)
	case jsontext.Value(raw).Kind() != jsontext.KindBeginObject:
		return errors.New("the document is not a JSON object")
	}
	return json.Unmarshal(raw, target, json.RejectUnknownMembers(true))
}

// ReadLimited reads a document, but not more than MaxDocument bytes.
func ReadLimited(from io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(from, MaxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxDocument {
		return nil, fmt.Errorf("the document is larger than %d bytes", MaxDocument)
	}
	return raw, nil
}

// Encode writes a document as one line of JSON, without a line ending. Equal documents have equal bytes.
func Encode(document any) ([]byte, error) {
	return json.Marshal(document, json.Deterministic(true))
}

// CheckSchema refuses documents of another version.
func CheckSchema(schema string) error {
	if schema != Schema {
		return fmt.Errorf("schema is %q and not %q: agent and manager have to be of the same release", schema, Schema)
	}
	return nil
}
