package override_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/override"
)

func raw(text string) *runtime.RawExtension { return &runtime.RawExtension{Raw: []byte(text)} }

func base() map[string]any {
	return map[string]any{"a": "base", "nested": map[string]any{"kept": true, "gone": int64(1)}}
}

func TestAnOverrideIsAMergePatch(t *testing.T) {
	for sentence, c := range map[string]struct {
		override *runtime.RawExtension
		want     map[string]any
	}{
		"none changes nothing":         {nil, base()},
		"an empty one changes nothing": {raw(""), base()},
		"a value replaces":             {raw(`{"a": 2}`), map[string]any{"a": int64(2), "nested": base()["nested"]}},
		"objects are merged": {raw(`{"nested": {"new": [1, 2.5]}}`), map[string]any{
			"a": "base", "nested": map[string]any{"kept": true, "gone": int64(1), "new": []any{int64(1), 2.5}},
		}},
		"null deletes":                          {raw(`{"nested": {"gone": null}}`), map[string]any{"a": "base", "nested": map[string]any{"kept": true}}},
		"null deletes what is not there":        {raw(`{"b": null, "c": {"d": null}}`), map[string]any{"a": "base", "nested": base()["nested"], "c": map[string]any{}}},
		"an object replaces what is not one":    {raw(`{"a": {"b": true}}`), map[string]any{"a": map[string]any{"b": true}, "nested": base()["nested"]}},
		"a value replaces what is an object":    {raw(`{"nested": []}`), map[string]any{"a": "base", "nested": []any{}}},
		"a large integer loses no digits of it": {raw(`{"a": 9007199254740993}`), map[string]any{"a": int64(9007199254740993), "nested": base()["nested"]}},
	} {
		t.Run(sentence, func(t *testing.T) {
			before := base()
			got, problems := override.Apply(before, c.override, nil, field.NewPath("x"))
			if problems != nil {
				t.Fatal(problems)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(base(), before); diff != "" {
				t.Errorf("the base has changed:\n%s", diff)
			}
		})
	}
}

func TestWhatIsProtectedCannotBeReachedFromAboveOrBelow(t *testing.T) {
	rules := []override.Rule{{Path: []string{"nested", "io.example/x"}, Reason: "of a reason"}}
	for text, want := range map[string]string{
		`{"nested": {"io.example/x": 1}}`:        "x.nested[io.example/x]: Forbidden: of a reason",
		`{"nested": {"io.example/x": {"y": 1}}}`: "x.nested[io.example/x]: Forbidden: of a reason",
		`{"nested": null}`:                       "x.nested: Forbidden: of a reason",
		`{"nested": "flat"}`:                     "x.nested: Forbidden: of a reason",
		`{"nested": {"other": 1}}`:               "",
		`{"other": {"io.example/x": 1}}`:         "",
	} {
		t.Run(text, func(t *testing.T) {
			_, problems := override.Apply(base(), raw(text), rules, field.NewPath("x"))
			got := ""
			if len(problems) > 0 {
				got = problems[0].Error()
			}
			if got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestWhatIsNoOverrideIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                "is not a JSON object",
		`{"a": 1, "a": 2}`:  `duplicate field "a"`,
		`{"a": 1} trailing`: "is not a JSON object",
		strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33): "is nested more than 32 deep",
	} {
		t.Run(text, func(t *testing.T) {
			_, problems := override.Apply(base(), raw(text), nil, field.NewPath("x"))
			if len(problems) != 1 || !strings.Contains(problems[0].Error(), want) {
				t.Errorf("got %v", problems)
			}
		})
	}
}

func TestFieldsThatAProgramDoesNotHaveAreRefused(t *testing.T) {
	var typed struct {
		A int `json:"a"`
	}
	for text, want := range map[string]string{
		`{"a": 1}`:         "",
		`{"b": 1, "c": 2}`: `x: Invalid value: unknown field "b"`,
		`{"a": "one"}`:     "x: Invalid value: json: cannot unmarshal string into Go struct field",
	} {
		got := override.Strict([]byte(text), &typed, field.NewPath("x"))
		if want == "" && got != nil || want != "" && (len(got) == 0 || !strings.HasPrefix(got[0].Error(), want)) {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// FuzzApply shows that no override gets past a rule, whatever it is made of.
func FuzzApply(f *testing.F) {
	for _, seed := range []string{`{}`, `{"nested": {"gone": 2}}`, `{"nested": null}`, `{"nested": {"gone": null, "x": [{}]}}`, `{"a": {"a": {"a": null}}}`, "{\"\": 1e400}"} {
		f.Add(seed)
	}
	rules := []override.Rule{{Path: []string{"nested", "gone"}, Reason: "it stays"}}
	f.Fuzz(func(t *testing.T, text string) {
		merged, problems := override.Apply(base(), raw(text), rules, field.NewPath("x"))
		if problems != nil {
			return
		}
		nested, _ := merged["nested"].(map[string]any)
		if nested["gone"] != int64(1) {
			t.Errorf("what is protected is %v", nested["gone"])
		}
		if _, err := json.Marshal(merged); err != nil {
			t.Error(err)
		}
	})
}
