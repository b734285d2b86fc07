package input

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// openDesired reads the state of a host, which may be YAML. A file in it may have a source, which is the path of its
// content in the directory of contents, instead of a digest and a size.
func (i *Input) openDesired(f *Flags) error {
	text, err := os.ReadFile(f.desired)
	if err != nil {
		return fmt.Errorf("--desired: %w", err)
	}
	found := new(directory)
	if f.content != "" {
		if found, err = openDirectory(f.content); err != nil {
			return fmt.Errorf("--content: %w", err)
		}
		i.close = append(i.close, found)
		i.Contents = found
	}
	raw, err := yaml.YAMLToJSONStrict(text)
	if err == nil {
		raw, err = resolveSources(raw, found)
	}
	if err == nil {
		i.whole, err = state.DecodeDesired(raw)
	}
	if err != nil {
		return fmt.Errorf("--desired: %s: %w", f.desired, err)
	}
	i.Owner = i.whole.Owner
	return nil
}

// resolveSources replaces each source by the digest and size of what it names. All else is left as it is, for the
// decoder to judge.
func resolveSources(raw []byte, contents *directory) ([]byte, error) {
	var document map[string]json.RawMessage
	var files []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, errors.New("it is no state of a host: it is not an object")
	}
	if document["files"] == nil {
		return raw, nil
	}
	if err := json.Unmarshal(document["files"], &files); err != nil {
		return nil, errors.New("files: it is not a list of objects")
	}
	for n, file := range files {
		if file["source"] == nil {
			continue
		}
		if err := resolveSource(file, contents); err != nil {
			return nil, fmt.Errorf("files[%d].source: %w", n, err)
		}
	}
	encoded, err := json.Marshal(files)
	if err != nil {
		return nil, err
	}
	document["files"] = encoded
	return json.Marshal(document)
}

func resolveSource(file map[string]json.RawMessage, contents *directory) error {
	var source string
	if err := json.Unmarshal(file["source"], &source); err != nil {
		return errors.New("it is not a path")
	}
	if file["sha256"] != nil || file["size"] != nil {
		return errors.New("it takes the place of sha256 and size: leave those out")
	}
	content, found := contents.byPath[source]
	if !found {
		return fmt.Errorf("there is no %s in the directory of --content", source)
	}
	delete(file, "source")
	file["sha256"] = json.RawMessage(fmt.Sprintf("%q", content.SHA256))
	file["size"] = json.RawMessage(fmt.Sprint(content.Size))
	return nil
}
