package nodeconfig_test

import (
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// TestTheExamplesOfTheDocumentationAreAccepted takes every example as a part of a spec, as an API server would.
func TestTheExamplesOfTheDocumentationAreAccepted(t *testing.T) {
	page, err := os.ReadFile("../../docs/node-configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t)
	examples := strings.Split(string(page), "```yaml\n")[1:]
	if len(examples) < 12 {
		t.Fatalf("%d examples: has their form changed?", len(examples))
	}
	shown := map[string]bool{}
	for _, example := range examples {
		text, _, _ := strings.Cut(example, "```")
		var spec map[string]any
		if err := yaml.UnmarshalStrict([]byte(text), &spec); err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
		var typed v1alpha1.WindowsNodeConfigSpec
		if err := yaml.UnmarshalStrict([]byte(text), &typed); err != nil {
			t.Errorf("%v in:\n%s", err, text)
		}
		o := object(t, "minimal")
		for key, value := range spec {
			shown[key] = true
			o["spec"].(map[string]any)[key] = value
		}
		if problems := s.admit(t, o); problems != nil {
			t.Errorf("%v in:\n%s", problems, text)
		}
	}
	for name := range s.structural.Properties["spec"].Properties {
		if !shown[name] {
			t.Errorf("spec.%s has no example", name)
		}
	}
}
