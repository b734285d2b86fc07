package manifest_test

import (
	"testing"

	"github.com/mullion-dev/mullion/pkg/manifest"
)

const deployment = `# The shop.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    mullion.dev/windows-build: 10.0.20348
spec:
  template:
    spec:
      nodeSelector:
        kubernetes.io/os: windows
        node.kubernetes.io/windows-build: 10.0.17763
      containers:
      - name: web
        image: example.com/web:1
      -
        name: log
        image: &log example.com/log:1
      - &third
        name: third
        image: *log
      - <<: *third
        name: fourth
`

func TestAFieldIsOnTheLineOfItsName(t *testing.T) {
	object := manifest.Parse("f", []byte(deployment)).Objects[0]
	for sentence, c := range map[string]struct {
		field string
		want  int
	}{
		"the object":                      {"", 2},
		"a field":                         {"metadata.name", 5},
		"a map":                           {"metadata.labels", 6},
		"a key with dots and slashes":     {"metadata.labels[mullion.dev/windows-build]", 7},
		"a selector":                      {"spec.template.spec.nodeSelector[node.kubernetes.io/windows-build]", 13},
		"a field of an item":              {"spec.template.spec.containers[0].image", 16},
		"an item":                         {"spec.template.spec.containers[1]", 18},
		"a field of a later item":         {"spec.template.spec.containers[1].image", 19},
		"an alias":                        {"spec.template.spec.containers[2].image", 22},
		"what is merged in":               {"spec.template.spec.containers[3].image", 22},
		"what replaces what is merged in": {"spec.template.spec.containers[3].name", 24},
		"a field that is missing":         {"spec.template.spec.containers[0].command[0]", 15},
		"an item that is missing":         {"spec.template.spec.containers[9].image", 14},
		"a key that is missing":           {"metadata.labels[team]", 6},
		"something else altogether":       {"status.phase", 2},
		"a path that is none":             {"..[[[]]x", 2},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := object.LineOf(c.field); got != c.want {
				t.Errorf("%s is on line %d, want %d", c.field, got, c.want)
			}
		})
	}
}

func TestFieldsOfItemsAndOfJSONHaveLinesToo(t *testing.T) {
	for sentence, text := range map[string]string{
		"an item of a list": "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    hostNetwork: yes\n",
		"JSON":              "\n\n{\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\",\n\t\"spec\": {\n\n\t\t\"hostNetwork\": true}}",
		"a later document":  "a: 1\n---\n\n\napiVersion: v1\nkind: Pod\nspec: {hostNetwork: on}\n",
	} {
		t.Run(sentence, func(t *testing.T) {
			object := manifest.Parse("f", []byte(text)).Objects[0]
			if got := object.LineOf("spec.hostNetwork"); got != 7 {
				t.Errorf("line %d of\n%s", got, text)
			}
		})
	}
}

func TestAnObjectIsReadAsKubectlReadsIt(t *testing.T) {
	object := manifest.Parse("f", []byte("apiVersion: v1\nkind: Pod\nspec: {hostNetwork: yes, mode: 0644, size: 1e3}\n")).Objects[0]
	const want = `{"apiVersion":"v1","kind":"Pod","spec":{"hostNetwork":true,"mode":420,"size":1000}}`
	if got := string(object.JSON); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
