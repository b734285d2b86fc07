package document_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
)

func TestJSONIsSortedAndReadable(t *testing.T) {
	got, err := document.JSON(map[string]any{"b": document.Strings([]string{"<&>"}), "a": nil})
	if err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"a\": null,\n  \"b\": [\n    \"<&>\"\n  ]\n}\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoJSONIsAnError(t *testing.T) {
	if _, err := document.JSON(math.NaN()); err == nil || !strings.HasPrefix(err.Error(), "writing JSON: ") {
		t.Errorf("got %v", err)
	}
}
