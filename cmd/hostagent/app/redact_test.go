package app

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func TestDocumentsAreShownWithoutValues(t *testing.T) {
	tests := map[string]struct{ text, keeps, hides string }{
		"a variable":       {`{"original":{"variable":{"text":"hush hush","expand":true}}}`, `"expand":true`, "hush"},
		"a value":          {`{"registry":{"type":"dword","number":4711}}`, `"type":"dword"`, "4711"},
		"lines":            {`{"entries":["hush hush"],"id":"file/x"}`, `"id":"file/x"`, "hush"},
		"an environment":   {`{"service":{"commandLine":"x.exe","environment":["A=hush"]}}`, "x.exe", "hush"},
		"half a line":      {`{"own":{"entries":["hush`, "no document", "hush"},
		"one line of many": {"{\"generation\":1}\n{\"entries\":[\"hush\"]}\n", `{"generation":1}`, "hush"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := redactDocument(tt.text)
			if !strings.Contains(got, tt.keeps) || strings.Contains(got, tt.hides) {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestSecretsAreTakenOutOfText(t *testing.T) {
	content := "user: me\ntoken: abcdefgh\n\nok\n"
	redact := redactor(&state.Desired{Files: []state.File{{Inline: &content, Secret: true}}})
	if got, want := redact("read token: abcdefgh, ok"), "read (secret), ok"; got != want {
		t.Errorf("got %q", got)
	}
	if got := redactor(nil)("text"); got != "text" {
		t.Errorf("got %q", got)
	}
}

func TestATailBeginsWithALine(t *testing.T) {
	m := memhost.New()
	line := strings.Repeat("x", 99) + "\n"
	const log winpath.Path = `C:\var\log\x.log`
	m.WriteFile(log, strings.Repeat(line, 5000))
	got, err := readTail(t.Context(), m.Host().Files, log)
	if err != nil || len(got) > tailSize || len(got) < tailSize-200 || len(got)%100 != 0 {
		t.Errorf("got %d bytes, error %v", len(got), err)
	}
	m.WriteFile(log, line)
	if got, err := readTail(t.Context(), m.Host().Files, log); err != nil || got != line {
		t.Errorf("got %q, error %v", got, err)
	}
}

func FuzzRedactDocument(f *testing.F) {
	f.Add(`{"entries":["hush"],"original":{"registry":{"bytes":"aHVzaA=="}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		first, _, _ := strings.Cut(redactDocument(`{"text":"hush","entries":["hush"]}`+"\n"+text), "\n")
		if strings.Contains(first, "hush") || !strings.Contains(first, "secret sha256:") {
			t.Errorf("got %s", first)
		}
	})
}
