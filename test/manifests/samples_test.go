package manifests_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/test/manifests"
)

func TestEverySampleIsAPolicyThatCompiles(t *testing.T) {
	root, err := manifests.Root()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "manifests", "samples", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			for _, document := range documents(t, file) {
				var sample v1alpha1.WindowsBuildPolicy
				if err := sigsyaml.UnmarshalStrict(document, &sample); err != nil {
					t.Fatal(err)
				}
				if sample.GroupVersionKind() != v1alpha1.SchemeGroupVersion.WithKind("WindowsBuildPolicy") || sample.Name == "" {
					t.Errorf("it is a %s named %q", sample.GroupVersionKind(), sample.Name)
				}
				if _, err := policy.Compile(&sample); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// documents are the YAML documents of a file.
func documents(t *testing.T, file string) [][]byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	reader := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(content)))
	var all [][]byte
	buffer := make([]byte, len(content))
	for {
		n, err := reader.Read(buffer)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bytes.Clone(buffer[:n]))
	}
}
