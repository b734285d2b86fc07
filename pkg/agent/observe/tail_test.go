package observe_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func TestATailBeginsWithALine(t *testing.T) {
	const log winpath.Path = `C:\var\log\x.log`
	line := strings.Repeat("x", 99) + "\n"
	for sentence, test := range map[string]struct{ content, want string }{
		"a file that is longer":          {strings.Repeat(line, 5000), strings.Repeat(line, 9)},
		"a file that is as long":         {strings.Repeat("y", 999) + "\n", strings.Repeat("y", 999) + "\n"},
		"a file that is shorter":         {line, line},
		"a line that is longer":          {strings.Repeat("secret", 1000), ""},
		"an end that is no text at all":  {"\xff\xfe" + line, line},
		"a file that has nothing at all": {"", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := memhost.New()
			m.WriteFile(log, test.content)
			got, err := observe.Tail(t.Context(), m.Host().Files, log, 1000)
			if err != nil || got != test.want {
				t.Errorf("got %d bytes, not %d, error %v", len(got), len(test.want), err)
			}
		})
	}
	if _, err := observe.Tail(t.Context(), memhost.New().Host().Files, log, 1000); err == nil {
		t.Error("a file that is not there has a tail")
	}
}
