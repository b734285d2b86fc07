package supportbundle

import (
	"bytes"
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const (
	// pageSize is how many objects are asked for at a time.
	pageSize = 500
	// maxObjects is how many objects of one sort are gathered at most.
	maxObjects = 10_000
)

// objects adds the objects of a source as one file of YAML documents, and returns them as they were added.
func (c *collector) objects(ctx context.Context, s *source) []unstructured.Unstructured {
	namespaces := s.namespaces
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	var all []unstructured.Unstructured
	cut := ""
	for _, namespace := range namespaces {
		some, more, err := c.list(ctx, s, namespace, maxObjects-len(all))
		if err != nil {
			c.miss(describe(s, namespace), err)
		}
		if more {
			cut = fmt.Sprintf("there are more than %d", maxObjects)
		}
		all = append(all, some...)
	}
	if len(all) == 0 {
		return nil
	}
	var file bytes.Buffer
	for i := range all {
		c.manifest.Redactions += c.redactor.Object(all[i].Object)
		text, err := yaml.Marshal(all[i].Object)
		if err != nil {
			c.miss(s.file+"/"+all[i].GetName(), err)
			continue
		}
		file.WriteString("---\n")
		file.Write(text)
	}
	// What is a secret by its context only, such as one in a script of several lines, was seen by nobody yet.
	text, count := c.redactor.Text(file.String())
	c.manifest.Redactions += count
	c.add(File{Path: "objects/" + s.file + ".yaml", Objects: len(all), Cut: cut}, []byte(text))
	return all
}

// list reads objects page by page, and tells whether there are more than wanted. With an error there are those that were
// read before it.
func (c *collector) list(ctx context.Context, s *source, namespace string, most int) (all []unstructured.Unstructured, more bool, err error) {
	options := s.options
	options.Limit = pageSize
	for {
		page, err := c.dynamic.Resource(s.resource).Namespace(namespace).List(ctx, options)
		if err != nil {
			return all, false, err
		}
		for i := range page.Items {
			if s.wanted != nil && !s.wanted(&page.Items[i]) {
				continue
			}
			if len(all) == most {
				return all, true, nil
			}
			all = append(all, page.Items[i])
		}
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return all, false, nil
		}
	}
}

// describe names what a source asks for.
func describe(s *source, namespace string) string {
	name := s.resource.GroupResource().String()
	if namespace != metav1.NamespaceAll {
		name += " in namespace " + namespace
	}
	return name
}
