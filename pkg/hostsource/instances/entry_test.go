package instances_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/hostsource/instances"
)

func TestAListOfTheOperatorIsReadAsItIs(t *testing.T) {
	entries, problems := instances.Parse(map[string]string{
		"10.1.42.1":         "username=Administrator",
		"win-2.example.com": "username=core\n",
		"WIN-3.example.com": "\r\n  username = domain\\admin \r\n",
	})
	want := []instances.Entry{
		{Address: "10.1.42.1", User: "Administrator"},
		{Address: "win-2.example.com", User: "core"},
		{Address: "win-3.example.com", User: `domain\admin`},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if len(problems) > 0 {
		t.Errorf("problems %v", problems)
	}
}

func TestAnEntryThatCannotBeUsedIsReportedAndStopsNoOther(t *testing.T) {
	for sentence, c := range map[string]struct{ key, value, want string }{
		"an IPv6 address":           {"2001:db8::1", "username=a", "IPv6"},
		"an address out of range":   {"10.1.42.256", "username=a", "neither an IPv4 address nor a DNS name"},
		"an address cut short":      {"10.1.42", "username=a", "neither an IPv4 address nor a DNS name"},
		"a name that is none":       {"win_2.example.com", "username=a", "neither an IPv4 address nor a DNS name"},
		"no value":                  {"win-2", "", "lacks username=<user>"},
		"no user":                   {"win-2", "username=", "no user after username="},
		"no setting":                {"win-2", "Administrator", "not of the form username=<user>"},
		"a setting that is unknown": {"win-2", "username=a\npassword=hunter2", `the setting "password"`},
		"two users":                 {"win-2", "username=a\nusername=b", "username twice"},
	} {
		t.Run(sentence, func(t *testing.T) {
			entries, problems := instances.Parse(map[string]string{c.key: c.value, "10.1.42.1": "username=Administrator"})
			if diff := cmp.Diff([]instances.Entry{{Address: "10.1.42.1", User: "Administrator"}}, entries); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if len(problems) != 1 || problems[0].Key != c.key || !strings.Contains(problems[0].Err.Error(), c.want) {
				t.Fatalf("problems %v, want one of %s that says %s", problems, c.key, c.want)
			}
			if strings.Contains(problems[0].Err.Error(), "hunter2") {
				t.Error("a value is quoted")
			}
		})
	}
}

func TestAHostListedTwiceIsReportedOnBothEntries(t *testing.T) {
	entries, problems := instances.Parse(map[string]string{"win-2": "username=a", "WIN-2": "username=b"})
	if len(entries) != 0 || len(problems) != 2 || problems[0].Key != "WIN-2" || problems[1].Key != "win-2" {
		t.Errorf("entries %v, problems %v", entries, problems)
	}
}
