package rollout

import "testing"

func TestNeedsDrain(t *testing.T) {
	for sentence, c := range map[string]struct {
		before, after string
		want          bool
	}{
		"a patch does not need it":                      {"v1.37.1", "v1.37.2", false},
		"nothing new does not need it":                  {"v1.37.2", "v1.37.2", false},
		"a minor version needs it":                      {"v1.36.4", "v1.37.2", true},
		"several minor versions need it":                {"v1.34.0", "v1.37.2", true},
		"going back a minor version needs it":           {"v1.37.2", "v1.36.4", true},
		"another major version needs it":                {"v1.37.2", "v2.37.2", true},
		"a first kubelet does not need it":              {"", "v1.37.2", false},
		"a version that cannot be read needs it":        {"unknown", "v1.37.2", true},
		"a version that cannot be read needs it, after": {"v1.37.2", "", true},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := NeedsDrain(c.before, c.after); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
