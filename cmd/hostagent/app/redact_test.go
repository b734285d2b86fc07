package app

import (
	"strings"
	"testing"
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

func FuzzRedactDocument(f *testing.F) {
	f.Add(`{"entries":["hush"],"original":{"registry":{"bytes":"aHVzaA=="}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		first, _, _ := strings.Cut(redactDocument(`{"text":"hush","entries":["hush"]}`+"\n"+text), "\n")
		if strings.Contains(first, "hush") || !strings.Contains(first, "secret sha256:") {
			t.Errorf("got %s", first)
		}
	})
}
