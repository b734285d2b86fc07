package registry

import "testing"

func FuzzParse(f *testing.F) {
	for _, content := range []string{
		"[a]\n\"x\"=dword:1\n\"y\"=hex(2):01,\\\n  02\n", "[a]\n\"\\x\"=dword:\n", "[a]\n\"b\"=str(7):\"\\0\"\n@=hex:0", "[A\\",
	} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content string) {
		values, found, err := parse(header+content, "a")
		if err == nil && !found && len(values) > 0 {
			t.Errorf("values %v of no key", values)
		}
	})
}
