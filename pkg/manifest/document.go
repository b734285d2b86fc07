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

// Parse reads the objects of one file's content. The file's name is for messages only.
func Parse(file string, data []byte) *Set {
	set := &Set{}
	text, err := toUTF8(data)
	if err != nil {
		set.fail(file, 0, err.Error())
		return set
	}
	for _, document := range split(text) {
		set.addDocument(file, document)
	}
	return set
}

func (s *Set) addDocument(file string, document chunk) {
	content, err := yaml.YAMLToJSON(document.text)
	var root *node
	if err == nil {
		root, err = plant(document)
	}
	if err != nil {
		within, message := locate(err)
		line := max(document.line+within-1, document.content) // Nothing is wrong with a comment.
		s.fail(file, line, explain(message, document.text))
		return
	}
	if bytes.Equal(content, []byte("null")) {
		return
	}
	s.addValue(place{file: file, node: root}, content, header{}, 0)
}

// explain adds what is probably meant by a document that is not YAML.
func explain(message string, text []byte) string {
	if bytes.Contains(text, []byte("{{")) {
		message += "; it looks like a template, which has to be rendered first, as with helm template"
	}
	return message
}

// place is where a value was found.
type place struct {
	file string
	node *node
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
		s.Skipped = append(s.Skipped, Skipped{at.file, at.node.line, "it has no apiVersion and kind, so it is no Kubernetes object"})
		return
	case err != nil:
		s.fail(at.file, at.node.follow(parsePath("apiVersion")).line, err.Error())
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
		File: at.file, Line: at.node.line, Kind: version.WithKind(h.Kind),
		Namespace: h.Metadata.Namespace, Name: name, JSON: content, position: at.node,
	})
}

func (s *Set) addList(at place, list header, depth int) {
	if depth == maxListDepth {
		s.fail(at.file, at.node.line, fmt.Sprintf("lists are nested deeper than %d levels", maxListDepth))
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
	positions := at.node.follow(parsePath("items")).items
	for i, item := range items {
		position := at.node
		if i < len(positions) {
			position = positions[i]
		}
		s.addValue(place{at.file, position}, item, list, depth+1)
	}
}

// addMisfit says what is wrong with something that is shaped otherwise than an object.
func (s *Set) addMisfit(at place, content []byte, err error) {
	if jsontext.Value(content).Kind() != jsontext.KindBeginObject {
		s.Skipped = append(s.Skipped, Skipped{at.file, at.node.line, "it is a list or a single value, so it is no Kubernetes object"})
		return
	}
	line, message := at.node.line, err.Error()
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		field := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
		line = at.node.follow(parsePath(field)).line
		message = fmt.Sprintf("%s is of the wrong type", field)
	}
	s.fail(at.file, line, message)
}
