package admission

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestWarningsFitWhatTheAPIServerPassesOn(t *testing.T) {
	long := strings.Repeat("ü", 4000)
	tests := map[string]struct{ warnings, want []string }{
		"none": {nil, nil},
		"all stay whole while they fit together": {
			[]string{long, "short"},
			[]string{long, "short"},
		},
		"too many characters are cut, and the cut is marked": {
			[]string{long, "short", long},
			[]string{strings.Repeat("ü", 255) + "…", "short", strings.Repeat("ü", 255) + "…"},
		},
		"those that still do not fit are counted": {
			slices.Repeat([]string{strings.Repeat("x", 300)}, 40),
			append(slices.Repeat([]string{strings.Repeat("x", 255) + "…"}, 15), "25 more warnings are left out"),
		},
		"control characters and bytes that are not UTF-8 are replaced": {
			[]string{"one\ntwo\x00", "\xff"},
			[]string{"one two", "\ufffd"},
		},
		"empty ones are left out": {[]string{"", "\n", "x"}, []string{"x"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := fitWarnings(test.warnings)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want (-), got (+):\n%s", diff)
			}
			if total := utf8.RuneCountInString(strings.Join(got, "")); total > maxWarningsTotal {
				t.Errorf("%d characters are more than the API server passes on", total)
			}
		})
	}
}
