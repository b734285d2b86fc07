package servingcert

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
)

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	cases := map[string]struct {
		change func(*Options)
		want   string
	}{
		"no client":                        {func(o *Options) { o.Client = nil }, "client"},
		"no view of what is trusted":       {func(o *Options) { o.Trust = nil }, "trusted"},
		"no secret":                        {func(o *Options) { o.Secret = types.NamespacedName{} }, "secret"},
		"no names":                         {func(o *Options) { o.DNSNames = nil }, "DNS name"},
		"a CA too short for its leaves":    {func(o *Options) { o.CALifetime = 2 * o.LeafLifetime }, "CA lifetime"},
		"leaves too short for the skew":    {func(o *Options) { o.LeafLifetime = time.Hour }, "leaf lifetime"},
		"a skew that a pass could outlast": {func(o *Options) { o.ClockSkew = time.Second }, "clock skew"},
		"a negative interval":              {func(o *Options) { o.Interval = -time.Second }, "interval"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			options := newCluster(t).options()
			tc.change(&options)
			if _, err := NewSource(options); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want one about %q", err, tc.want)
			}
		})
	}
}

func TestTheDefaultsWork(t *testing.T) {
	c := newCluster(t)
	given := c.options()
	if _, err := NewSource(Options{Client: given.Client, Secret: given.Secret, DNSNames: given.DNSNames, Trust: given.Trust}); err != nil {
		t.Error(err)
	}
}

func TestServiceNamesAreThoseThatTheAPIServerAsksFor(t *testing.T) {
	want := []string{"mullion-webhook.mullion-system.svc", "mullion-webhook.mullion-system.svc.cluster.local"}
	if diff := cmp.Diff(want, ServiceNames("mullion-system", "mullion-webhook")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
