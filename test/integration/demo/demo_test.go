// Package demo_test gives the demonstration as a stranger would, and reads what it prints.
package demo_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/demo"
	"github.com/mullion-dev/mullion/test/lacking"
)

func TestTheDemonstrationComesOutAsItsStorySays(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
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
	if strings.Contains(output.String(), "Windows hosts cannot be had here") {
		lacking.Skip(t, errors.New("there are no hosts to be migrated"))
	}
	for _, part := range []string{
		"bare Windows hosts became nodes", "pod shop/billing-", "would have nowhere to go", "given back as it was",
		"4 of 4 pods of the shop run. Nothing was stranded.", "3 of 3 hosts up to date",
	} {
		if !strings.Contains(strings.Join(strings.Fields(output.String()), " "), part) {
			t.Errorf("it does not show %q:\n%s", part, &output)
		}
	}
	if strings.Contains(output.String(), "\x1b[") {
		t.Error("it prints colour although nobody watches on a terminal")
	}
}
