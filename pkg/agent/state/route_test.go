package state_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestDestinationsOfRoutes(t *testing.T) {
	for sentence, test := range map[string]struct {
		destinations []string
		want         string // Part of the error; empty if there is none.
	}{
		"one address":                 {[]string{"169.254.169.254/32"}, ""},
		"a network and part of it":    {[]string{"198.51.100.0/24", "198.51.100.0/25"}, ""},
		"without its length":          {[]string{"169.254.169.254"}, "is not a prefix"},
		"with bits beyond it":         {[]string{"198.51.100.1/24"}, "is not a prefix"},
		"in another notation":         {[]string{"198.51.100.0/024"}, "is not a prefix"},
		"by IPv6":                     {[]string{"fd00:ec2::254/128"}, "not of IPv4"},
		"everywhere":                  {[]string{state.Everywhere}, "default route"},
		"one address, declared twice": {[]string{"169.254.169.254/32", "169.254.169.254/32"}, "twice"},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := &state.Desired{Schema: state.Schema, Owner: "a test"}
			for _, destination := range test.destinations {
				d.Routes = append(d.Routes, state.GatewayRoute{Destination: destination})
			}
			err := d.Validate()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}
