package winhost_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/winhost"
)

func TestAHostThatCannotBeIsRefused(t *testing.T) {
	tests := map[string]struct {
		options winhost.Options
		want    string
	}{
		"an unknown build":       {winhost.Options{Build: "10.0.1"}, "is none of 10.0.17763, 10.0.20348, 10.0.26100"},
		"an unknown language":    {winhost.Options{Language: "tlh"}, "is none of de-DE, en-US"},
		"a hostname too long":    {winhost.Options{Hostname: "sixteen-letters-"}, "longer than 15"},
		"a disk that is a toy's": {winhost.Options{DiskBytes: 1}, "less than 64 MiB"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := winhost.Start(t.Context(), tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}
