package guest_test

import (
	"testing"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

func TestTheFirstRuleWhoseArgumentsACallBeginsWithIsFollowed(t *testing.T) {
	script := guest.Script{Rules: []guest.Rule{
		{Args: []string{"advfirewall", "show"}, ExitCode: 2},
		{Args: []string{"advfirewall"}, ExitCode: 3},
		{ExitCode: 4},
	}}
	tests := map[string]struct {
		args []string
		want int
	}{
		"the exact arguments":                  {[]string{"advfirewall", "show"}, 2},
		"more arguments than the rule has":     {[]string{"advfirewall", "show", "rule"}, 2},
		"a more general rule further down":     {[]string{"advfirewall", "add"}, 3},
		"a rule without arguments is for all":  {[]string{"interface"}, 4},
		"no arguments at all":                  {nil, 4},
		"arguments are compared as wholes":     {[]string{"advfirewall", "shows"}, 3},
		"the case of arguments is significant": {[]string{"Advfirewall"}, 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rule, found := script.Find(tt.args)
			if !found || rule.ExitCode != tt.want {
				t.Errorf("got %+v, %v, want exit code %d", rule, found, tt.want)
			}
		})
	}
	if _, found := (guest.Script{Rules: script.Rules[:2]}).Find([]string{"interface"}); found {
		t.Error("found a rule for a call that none is for")
	}
}
