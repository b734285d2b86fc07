package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// maxListDepth is how deep lists may be nested in lists. Nobody nests them at all.
const maxListDepth = 8

// header is what every object has.
type header struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name         string `json:"name"`
		GenerateName string `json:"generateName"`
		Namespace    string `json:"namespace"`
	} `json:"metadata"`
	Items jsontext.Value `json:"items"`
}

// addDocument adds what is in one document.
func (s *Set) addDocument(file string, document chunk) {
	content, err := toJSON(document)
	if err != nil {
		within, message := locate(err)
		line := max(document.line+within-1, document.content) // Nothing is wrong with a comment.
		s.fail(file, line, explain(message, document.text))
		return
	}
	if bytes.Equal(content, []byte("null")) {
		return
	}
	s.addValue(inDocument(file, document), content, header{}, 0)
}

// toJSON reads a document as kubectl reads it. A field that is set twice is an error, as it is for kubectl; one that
// replaces what it merges in is not, though the parser takes the two for the same.
func toJSON(document chunk) ([]byte, error) {
	content, err := yaml.YAMLToJSONStrict(document.text)
	if err == nil {
		return content, nil
	}
	if content, err = yaml.YAMLToJSON(document.text); err != nil {
		return nil, err
	}
	if _, err := plant(document); err != nil {
		return nil, err
	}
	return content, nil
}

// explain adds what is probably meant by a document that is not YAML.
func explain(message string, text []byte) string {
	if bytes.Contains(text, []byte("{{")) {
		message += "; it looks like a template, which has to be rendered first, as with helm template"
	}
	return message
}

// addValue adds an object, or every object of a list. Items of a list of one kind may leave out their own.
func (s *Set) addValue(at place, content []byte, list header, depth int) {
	var h header
	if err := json.Unmarshal(content, &h); err != nil {
		s.addMisfit(at, content, err)
		return
	}
	if h.APIVersion == "" && h.Kind == "" {
		h.APIVersion, h.Kind = list.APIVersion, strings.TrimSuffix(list.Kind, "List")
	}
	version, err := schema.ParseGroupVersion(h.APIVersion)
	switch {
	case h.Kind == "" || h.APIVersion == "":
		s.Skipped = append(s.Skipped, Skipped{at.file, at.line, "it has no apiVersion and kind, so it is no Kubernetes object"})
		return
	case err != nil:
		s.fail(at.file, at.lineOf("apiVersion"), err.Error())
		return
	case strings.HasSuffix(h.Kind, "List") && h.Items.Kind() == jsontext.KindBeginArray:
		s.addList(at, h, depth)
		return
	}
	name := h.Metadata.Name
	if name == "" && h.Metadata.GenerateName != "" {
		name = h.Metadata.GenerateName + "…"
	}
	s.Objects = append(s.Objects, &Object{
		File: at.file, Line: at.line, Kind: version.WithKind(h.Kind),
		Namespace: h.Metadata.Namespace, Name: name, JSON: content, place: at,
	})
}

func (s *Set) addList(at place, list header, depth int) {
	if depth == maxListDepth {
		s.fail(at.file, at.line, fmt.Sprintf("lists are nested deeper than %d levels", maxListDepth))
		return
	}
	if list.Kind == "List" { // Its items may be of any kind, so they have to say which.
		list.Kind, list.APIVersion = "", ""
	}
	var items []jsontext.Value
	if err := json.Unmarshal(list.Items, &items); err != nil {
		s.addMisfit(at, list.Items, err)
		return
	}
	for i, item := range items {
		s.addValue(at.item(i), item, list, depth+1)
	}
}

// addMisfit says what is wrong with something that is shaped otherwise than an object.
func (s *Set) addMisfit(at place, content []byte, err error) {
	if jsontext.Value(content).Kind() != jsontext.KindBeginObject {
		s.Skipped = append(s.Skipped, Skipped{at.file, at.line, "it is a list or a single value, so it is no Kubernetes object"})
		return
	}
	line, message := at.line, err.Error()
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		field := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
		line = at.lineOf(field)
		message = fmt.Sprintf("%s is of the wrong type", field)
	}
	s.fail(at.file, line, message)
}
