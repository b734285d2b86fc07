package manifest_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/manifest"
)

// listing is what was read, a line for each thing.
func listing(set *manifest.Set) []string {
	var lines []string
	for _, o := range set.Objects {
		lines = append(lines, fmt.Sprintf("%s:%d: %s %s", o.File, o.Line, o.Kind.GroupVersion(), o))
	}
	for _, s := range set.Skipped {
		lines = append(lines, s.String())
	}
	for _, p := range set.Problems {
		lines = append(lines, p.Error())
	}
	return lines
}

func TestDocumentsAreFoundWithTheirLines(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"
	const noObject = "skipped: it has no apiVersion and kind, so it is no Kubernetes object"
	for sentence, c := range map[string]struct {
		text string
		want []string
	}{
		"one document":                {pod, []string{"f:1: v1 Pod a"}},
		"several documents":           {pod + "---\n" + strings.ReplaceAll(pod, "name: a", "name: b"), []string{"f:1: v1 Pod a", "f:6: v1 Pod b"}},
		"a marker at the beginning":   {"---\n" + pod, []string{"f:2: v1 Pod a"}},
		"a comment behind the marker": {"--- # Source: chart/templates/pod.yaml\n" + pod, []string{"f:2: v1 Pod a"}},
		"content behind the marker":   {"--- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", []string{"f:1: v1 Pod a"}},
		"comments before the first":   {"# made by hand\n\n" + pod, []string{"f:3: v1 Pod a"}},
		"documents of comments only":  {"---\n# nothing\n---\n\n---\n" + pod + "---\n# the end\n", []string{"f:6: v1 Pod a"}},
		"a null document":             {"---\nnull\n---\n~\n", nil},
		"an end marker":               {pod + "...\n" + pod, []string{"f:1: v1 Pod a", "f:6: v1 Pod a"}},
		"a directive":                 {"%YAML 1.2\n---\n" + pod, []string{"f:3: v1 Pod a"}},
		"line ends of Windows":        {strings.ReplaceAll("---\n"+pod+"---\n"+pod, "\n", "\r\n"), []string{"f:2: v1 Pod a", "f:7: v1 Pod a"}},
		"a byte order mark":           {"\ufeff" + pod, []string{"f:1: v1 Pod a"}},
		"UTF-16, little endian":       {utf16Text(pod, false), []string{"f:1: v1 Pod a"}},
		"UTF-16, big endian":          {utf16Text(pod, true), []string{"f:1: v1 Pod a"}},
		"UTF-16 without a mark":       {utf16Text(pod, true)[1:] + "x", []string{"f:1: invalid leading UTF-8 octet"}},
		"a marker within a text is none": {
			"apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    b\n    ---\n    c\n", []string{"f:1: v1 ConfigMap (without a name)"},
		},
		"a generated name":     {"apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-, namespace: shop}\n", []string{"f:1: v1 Pod shop/a-…"}},
		"JSON":                 {"\n{\"apiVersion\": \"apps/v1\",\n\t\"kind\": \"Deployment\"}", []string{"f:2: apps/v1 Deployment (without a name)"}},
		"a stream of JSON":     {`{"apiVersion":"v1","kind":"A"}` + "\n" + `{"apiVersion":"v1","kind":"B"} {"apiVersion":"v1","kind":"C"}`, []string{"f:1: v1 A (without a name)", "f:2: v1 B (without a name)", "f:2: v1 C (without a name)"}},
		"YAML in braces":       {"{apiVersion: v1, kind: A}\n---\n{apiVersion: v1, kind: B}\n", []string{"f:1: v1 A (without a name)", "f:3: v1 B (without a name)"}},
		"values of a chart":    {"replicas: 3\n", []string{"f:1: " + noObject}},
		"a chart":              {"# c\napiVersion: v2\nname: web\n", []string{"f:2: " + noObject}},
		"a list of something":  {"- a\n- b\n", []string{"f:1: skipped: it is a list or a single value, so it is no Kubernetes object"}},
		"a text":               {"hello\n", []string{"f:1: skipped: it is a list or a single value, so it is no Kubernetes object"}},
		"an empty file":        {"", nil},
		"a name of wrong type": {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: 17\n", []string{"f:4: metadata.name is of the wrong type"}},
		"a kind of wrong type": {"apiVersion: v1\nkind: [Pod]\n", []string{"f:2: kind is of the wrong type"}},
		"a version that is none": {
			"kind: Pod\napiVersion: a/b/c\n", []string{"f:2: unexpected GroupVersion string: a/b/c"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if diff := cmp.Diff(c.want, listing(manifest.Parse("f", []byte(c.text)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func utf16Text(text string, bigEndian bool) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		if bigEndian {
			out = append(out, byte(unit>>8), byte(unit))
		} else {
			out = append(out, byte(unit), byte(unit>>8))
		}
	}
	return string(out)
}

func TestListsAreUnrolled(t *testing.T) {
	for sentence, c := range map[string]struct {
		text string
		want []string
	}{
		"a list of anything": {`apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: a}
-
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: b}
`, []string{"f:4: v1 Pod a", "f:8: apps/v1 Deployment b"}},
		"a list of one kind, whose items leave it out": {
			"apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n", []string{"f:4: v1 Pod a"},
		},
		"a list in a list": {
			"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod}\n",
			[]string{"f:7: v1 Pod (without a name)"},
		},
		"an item that is no object does not stop the others": {
			"apiVersion: v1\nkind: List\nitems:\n- 5\n- {apiVersion: v1, kind: Pod}\n- {}\n",
			[]string{
				"f:5: v1 Pod (without a name)",
				"f:4: skipped: it is a list or a single value, so it is no Kubernetes object",
				"f:6: skipped: it has no apiVersion and kind, so it is no Kubernetes object",
			},
		},
		"an empty list":                    {"apiVersion: v1\nkind: List\nitems: []\n", nil},
		"a kind that only sounds like one": {"apiVersion: example.com/v1\nkind: DenyList\nspec: {}\n", []string{"f:1: example.com/v1 DenyList (without a name)"}},
		"lists without an end": {
			strings.Repeat("{apiVersion: v1, kind: List, items: [", 20) + strings.Repeat("]}", 20),
			[]string{"f:1: lists are nested deeper than 8 levels"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if diff := cmp.Diff(c.want, listing(manifest.Parse("f", []byte(c.text)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsMalformedIsSaidWithItsLineAndDoesNotStopTheOthers(t *testing.T) {
	const before = "apiVersion: v1\nkind: A\n---\n"
	const after = "---\napiVersion: v1\nkind: B\n"
	for sentence, c := range map[string]struct{ text, want string }{
		"a wrong indentation":        {"a: b\n c: d\n", "f:5: mapping values are not allowed in this context"},
		"an error on the first line": {"a: b: c\n", "f:4: mapping values are not allowed in this context"},
		"an unknown anchor":          {"a: 1\nb: *nope\n", "f:4: unknown anchor 'nope' referenced"},
		"an anchor that contains itself": {
			"a: &a [*a]\n", "f:4: anchor 'a' value contains itself",
		},
		"a field that is set twice": {"a: 1\nb:\n  c: 1\n  c: 2\n", `f:7: field "c" is set twice`},
		"a template": {
			"{{- if .Values.web }}\na: b\n{{ end }}\n",
			"f:4: did not find expected node content; it looks like a template, which has to be rendered first, as with helm template",
		},
		"a number that JSON does not have": {"a: .inf\n", "f:4: json: unsupported value: +Inf"},
	} {
		t.Run(sentence, func(t *testing.T) {
			want := []string{"f:1: v1 A (without a name)", "", "", c.want}
			got := listing(manifest.Parse("f", []byte(before+c.text+after)))
			if len(got) != 3 || got[0] != want[0] || !strings.Contains(got[1], "v1 B") || got[2] != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestBytesThatAreNoTextAreRefused(t *testing.T) {
	got := listing(manifest.Parse("f", []byte("\xff\xfea")))
	if diff := cmp.Diff([]string{"f: it begins as UTF-16 does and has an odd number of bytes"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
