package manifest_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/mullion-dev/mullion/pkg/manifest"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		deployment, "--- {a: b}\n...\n%YAML 1.2\n---\n", "\ufeffkind: A\r\napiVersion: v1\r\n", "\xff\xfea\x00",
		"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{}]}{", "a: &a [*a]\n", "a: &a {<<: *a}\n", "<<: [{a: 1}, {a: 2}]\napiVersion: v1\nkind: A\n",
		"apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- 1\n", "{{ x }}", "? [a]\n: b\n",
	} {
		f.Add([]byte(seed), "spec.template.spec.containers[0].image")
	}
	f.Fuzz(func(t *testing.T, data []byte, field string) {
		set := manifest.Parse("f", data)
		lines := bytes.Count(data, []byte("\n")) + 1
		for _, o := range set.Objects {
			if !json.Valid(o.JSON) || o.Kind.Kind == "" || o.Kind.Version == "" {
				t.Errorf("%s: %s", o, o.JSON)
			}
			if line := o.LineOf(field); o.Line < 1 || line < 1 || o.Line > lines || line > lines {
				t.Errorf("lines %d and %d of %d", o.Line, line, lines)
			}
		}
		for _, p := range set.Problems {
			if p.Line < 0 || p.Message == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
