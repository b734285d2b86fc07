// Package demo_test gives the demonstration as a stranger would, and reads what it prints.
package demo_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/demo"
)

func TestTheDemonstrationComesOutAsItsStorySays(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	var output bytes.Buffer
	if err := demo.Run(ctx, demo.Options{Out: &output}); err != nil {
		t.Fatalf("%v\n%s", err, &output)
	}
	for _, part := range []string{"WORKLOAD", "✓ placed", "! warned", "✗ refused", "· untouched", "To fix it, ", "kubectl get wbp"} {
		if !strings.Contains(strings.Join(strings.Fields(output.String()), " "), part) {
			t.Errorf("it does not show %q:\n%s", part, &output)
		}
	}
	if strings.Contains(output.String(), "\x1b[") {
		t.Error("it prints colour although nobody watches on a terminal")
	}
}
