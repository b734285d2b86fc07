package demo

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// story is the policy, the workloads, and what is expected of them.
//
//go:embed story
var story embed.FS

const (
	policyFile       = "story/policy.yaml"
	expectationsFile = "story/expectations.yaml"
	workloadsFolder  = "story/workloads"
)

// registryPlaceholder stands in image references for the host of the demonstration's registry, whose port is
// not known before it runs.
const registryPlaceholder = "REGISTRY/"

// scene is a workload and what is expected of it.
type scene struct {
	expectation
	// file is the workload's, with the placeholder filled in, and comments.
	file   []byte
	object *unstructured.Unstructured
}

// nodeSelector is that of the pods as the workload's author wrote it.
func (s *scene) nodeSelector() map[string]string {
	path := []string{"spec", "nodeSelector"}
	if s.object.GetKind() != "Pod" {
		path = []string{"spec", "template", "spec", "nodeSelector"}
	}
	selector, _, err := unstructured.NestedStringMap(s.object.Object, path...)
	if err != nil {
		return nil // The API server has refused what is none.
	}
	return selector
}

// idea is what the workload is about: the comment above it.
func (s *scene) idea() string {
	var idea []string
	for line := range strings.Lines(string(s.file)) {
		comment, found := strings.CutPrefix(line, "# ")
		if !found {
			break
		}
		idea = append(idea, strings.TrimSpace(comment))
	}
	return strings.Join(idea, " ")
}

// readScenes returns the workloads in the order in which they are applied.
func readScenes(registry string) ([]scene, error) {
	expectations, err := story.ReadFile(expectationsFile)
	if err != nil {
		return nil, fmt.Errorf("reading the story: %w", err)
	}
	var expected []expectation
	if err := yaml.UnmarshalStrict(expectations, &expected); err != nil {
		return nil, fmt.Errorf("reading %s: %w", expectationsFile, err)
	}
	scenes := make([]scene, 0, len(expected))
	for _, e := range expected {
		file, err := story.ReadFile(path.Join(workloadsFolder, e.Workload+".yaml"))
		if err != nil {
			return nil, fmt.Errorf("reading the story: %w", err)
		}
		text := strings.ReplaceAll(string(file), registryPlaceholder, registry+"/")
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict([]byte(text), &object.Object); err != nil {
			return nil, fmt.Errorf("reading workload %s: %w", e.Workload, err)
		}
		if object.GetName() != e.Workload {
			return nil, fmt.Errorf("reading workload %s: it is named %q", e.Workload, object.GetName())
		}
		scenes = append(scenes, scene{expectation: e, file: []byte(text), object: object})
	}
	return scenes, nil
}
