package state_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func valid() *state.Desired {
	return &state.Desired{Schema: state.Schema, Owner: "cluster-1"}
}

func text(value string) *string { return &value }

func TestValidateRefuses(t *testing.T) {
	file := func(change func(*state.File)) func(*state.Desired) {
		return func(d *state.Desired) {
			f := state.File{Path: `C:\k\x`, Inline: text("a")}
			change(&f)
			d.Files = append(d.Files, f)
		}
	}
	service := func(change func(*state.Service)) func(*state.Desired) {
		return func(d *state.Desired) {
			s := state.Service{Name: "s", Program: `C:\k\x.exe`}
			change(&s)
			d.Services = append(d.Services, s)
		}
	}
	variable := func(v state.Variable) func(*state.Desired) {
		return func(d *state.Desired) { d.Variables = append(d.Variables, v) }
	}
	registry := func(key string, data state.RegistryData) func(*state.Desired) {
		return func(d *state.Desired) { d.Registry = append(d.Registry, state.RegistryValue{Key: key, Data: data}) }
	}
	rule := func(r state.FirewallRule) func(*state.Desired) {
		return func(d *state.Desired) { d.Firewall = append(d.Firewall, r) }
	}
	for sentence, test := range map[string]struct {
		change func(*state.Desired)
		want   string
	}{
		"no owner":                         {func(d *state.Desired) { d.Owner = "" }, "owner: is empty"},
		"an owner of two lines":            {func(d *state.Desired) { d.Owner = "a\nb" }, "more than one line"},
		"a hostname with an underscore":    {func(d *state.Desired) { d.Hostname = "win_1" }, "hostname"},
		"a hostname of digits":             {func(d *state.Desired) { d.Hostname = "123" }, "digits only"},
		"a hostname that ends in a hyphen": {func(d *state.Desired) { d.Hostname = "win-" }, "hyphen"},
		"a hostname that is too long":      {func(d *state.Desired) { d.Hostname = strings.Repeat("a", 64) }, "longer than 63"},
		"a build with a revision":          {func(d *state.Desired) { d.Requirements.Builds = []string{"10.0.20348.1"} }, "three numbers"},
		"a negative requirement":           {func(d *state.Desired) { d.Requirements.MinFreeBytes = -1 }, "negative"},
		"a version with a slash":           {func(d *state.Desired) { d.Versions = &state.Versions{Root: `C:\v`, Current: `a\b`} }, "name of a directory"},
		"versions on a drive's root":       {func(d *state.Desired) { d.Versions = &state.Versions{Root: `C:\`, Current: "a"} }, "directory as their root"},
		"too many versions":                {func(d *state.Desired) { d.Versions = &state.Versions{Root: `C:\v`, Current: "a", Keep: 17} }, "keep"},
		"a directory that is a drive":      {func(d *state.Desired) { d.Directories = []state.Directory{{Path: `C:\`}} }, "below a drive"},
		"an unknown access":                {func(d *state.Desired) { d.Directories = []state.Directory{{Path: `C:\k`, Access: "all"}} }, "unknown access"},
		"two resources of one name":        {func(d *state.Desired) { d.Features = []state.Feature{{Name: "Hyper-V"}, {Name: "hyper-v"}} }, "declared twice"},
		"an order after what is not there": {func(d *state.Desired) {
			d.Features = []state.Feature{{Name: "a", After: []state.ID{{Kind: state.KindService, Name: "x"}}}}
		}, "not declared"},
		"a path that is file and directory": {func(d *state.Desired) {
			d.Directories = []state.Directory{{Path: `C:\K\X`}}
			file(func(*state.File) {})(d)
		}, "as a file and as a directory"},
		"a file inside a file": {func(d *state.Desired) {
			file(func(*state.File) {})(d)
			d.Files = append(d.Files, state.File{Path: `C:\k\X\y`, Inline: text("")})
		}, "declared inside"},
		"a certificate that is none":        {func(d *state.Desired) { d.Certificates = []state.Certificate{{PEM: "x"}} }, "not a certificate"},
		"a file without content":            {file(func(f *state.File) { f.Inline = nil }), "exactly one"},
		"a file with two contents":          {file(func(f *state.File) { f.Lines = []string{"a"} }), "exactly one"},
		"a digest that is none":             {file(func(f *state.File) { f.Inline, f.SHA256 = nil, "abc" }), "64 lower-case"},
		"a size without a digest":           {file(func(f *state.File) { f.Size = 1 }), "size"},
		"an unknown format":                 {file(func(f *state.File) { f.Format = "yaml" }), "unknown format"},
		"an unknown line ending":            {file(func(f *state.File) { f.LineEnding = "cr" }), "unknown line ending"},
		"a format for lines":                {file(func(f *state.File) { f.Inline, f.Lines, f.Format = nil, []string{"a"}, state.FormatText }), "for inline content"},
		"JSON that is none":                 {file(func(f *state.File) { f.Inline, f.Format = text("{"), state.FormatJSON }), "json"},
		"inline content that is too large":  {file(func(f *state.File) { f.Inline = text(strings.Repeat("a", state.MaxInline+1)) }), "more than"},
		"a line of two lines":               {file(func(f *state.File) { f.Inline, f.Lines = nil, []string{"a\nb"} }), "separator"},
		"a line twice":                      {file(func(f *state.File) { f.Inline, f.Lines = nil, []string{"a", "a"} }), "twice"},
		"an empty line":                     {file(func(f *state.File) { f.Inline, f.Lines = nil, []string{" "} }), "empty entry"},
		"a service without a program":       {service(func(s *state.Service) { s.Program = "" }), "no program"},
		"a service with a slash":            {service(func(s *state.Service) { s.Name = "a/b" }), "slash"},
		"a service with an unknown start":   {service(func(s *state.Service) { s.Start = "boot" }), "unknown start type"},
		"a disabled service that is to run": {service(func(s *state.Service) { s.Start = state.StartDisabled }), "disabled"},
		"an account that needs a password":  {service(func(s *state.Service) { s.Account = `.\admin` }), "need no password"},
		"a service on port 0":               {service(func(s *state.Service) { s.Ports = []uint16{0} }), "port 0"},
		"an argument of two lines":          {service(func(s *state.Service) { s.Arguments = []string{"a\nb"} }), "more than one line"},
		"a dependency without a name":       {service(func(s *state.Service) { s.DependsOn = []string{""} }), "depends on"},
		"the agent's own, which nothing would start anew": {service(func(s *state.Service) {
			s.Program, s.Arguments = `C:\k\Mullion-Agent.exe`, []string{"serve"}
			s.Recovery = state.Recovery{OnError: true}
		}), "it needs recovery.restartAfterSeconds and recovery.onError"},
		"the agent's own, which would be left for stopped": {service(func(s *state.Service) {
			s.Program, s.Arguments = `C:\k\mullion-agent.exe`, []string{"serve", "--interval", "1m"}
			s.Recovery = state.Recovery{RestartAfterSeconds: []int{1}}
		}), "it needs recovery.restartAfterSeconds and recovery.onError"},
		"four delays":                            {service(func(s *state.Service) { s.Recovery.RestartAfterSeconds = []int{1, 1, 1, 1} }), "three delays"},
		"a negative delay":                       {service(func(s *state.Service) { s.Recovery.RestartAfterSeconds = []int{-1} }), "negative"},
		"a service's variable twice":             {service(func(s *state.Service) { s.Variables = []state.ServiceVariable{{Name: "a"}, {Name: "A"}} }), "twice"},
		"a service's variable with =":            {service(func(s *state.Service) { s.Variables = []state.ServiceVariable{{Name: "a=b"}} }), "= in its name"},
		"a service's variable of two lines":      {service(func(s *state.Service) { s.Variables = []state.ServiceVariable{{Name: "a", Value: "x\ny"}} }), "value"},
		"a variable without a value":             {variable(state.Variable{Name: "A"}), "either a value or entries"},
		"a variable with =":                      {variable(state.Variable{Name: "A=", Value: text("")}), "= in its name"},
		"a value with a separator":               {variable(state.Variable{Name: "A", Value: text("x"), Separator: ","}), "no entries"},
		"an unknown separator":                   {variable(state.Variable{Name: "A", Entries: []string{"x"}, Separator: ":"}), "known are"},
		"an entry with the separator in it":      {variable(state.Variable{Name: "A", Entries: []string{"x;y"}}), "separator"},
		"a key outside of the machine":           {registry(`HKCU\A`, state.RegistryData{Type: state.RegistryString}), "does not start with"},
		"a key with an empty component":          {registry(`HKLM\A\\B`, state.RegistryData{Type: state.RegistryString}), "empty component"},
		"a key with a colon":                     {registry(`HKLM\A:B`, state.RegistryData{Type: state.RegistryString}), "colon"},
		"an unknown type":                        {registry(`HKLM\A`, state.RegistryData{Type: "link"}), "unknown type"},
		"a type that only values of others have": {registry(`HKLM\A`, state.RegistryData{Type: state.RegistryOther, Number: 1}), "unknown type"},
		"data of another type":                   {registry(`HKLM\A`, state.RegistryData{Type: state.RegistryDWord, Text: "1"}), "does not belong"},
		"a dword that is too large":              {registry(`HKLM\A`, state.RegistryData{Type: state.RegistryDWord, Number: 1 << 32}), "does not fit"},
		"a zero character":                       {registry(`HKLM\A`, state.RegistryData{Type: state.RegistryString, Text: "a\x00"}), "zero character"},
		"an empty text in a list of texts":       {registry(`HKLM\A`, state.RegistryData{Type: state.RegistryMultiString, Texts: []string{""}}), "empty text"},
		"a rule with an unknown protocol":        {rule(state.FirewallRule{Name: "a", Protocol: "tcp"}), "protocol"},
		"a rule with ports and no protocol":      {rule(state.FirewallRule{Name: "a", Ports: []uint16{1}}), "without a protocol"},
		"a rule with an address for a prefix":    {rule(state.FirewallRule{Name: "a", Remotes: []string{"10.0.0.1"}}), "not a prefix"},
		"a rule with a prefix that is unmasked":  {rule(state.FirewallRule{Name: "a", Remotes: []string{"10.0.0.1/8"}}), "not a prefix"},
		"a rule with what cannot be set":         {rule(state.FirewallRule{Name: "a", Other: []string{"Active=FALSE"}}), "not set"},
		"a rule without a name":                  {rule(state.FirewallRule{}), "is empty"},
		"more resources than a host has": {func(d *state.Desired) {
			for i := range state.MaxResources + 1 {
				d.Features = append(d.Features, state.Feature{Name: fmt.Sprint(i)})
			}
		}, "more than 4096"},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := valid()
			test.change(d)
			if err := d.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestValidateSaysEverythingThatIsWrongButNotWithoutEnd(t *testing.T) {
	d := valid()
	for i := range 100 {
		d.Features = append(d.Features, state.Feature{Name: fmt.Sprintf("a\n%d", i)})
	}
	if lines := strings.Count(d.Validate().Error(), "feature/"); lines != 20 {
		t.Errorf("%d findings", lines)
	}
}

func TestSecretsAreShownAsTheBeginningOfADigest(t *testing.T) {
	if got := state.Shown("hunter2", true); strings.Contains(got, "hunter2") || got == state.Shown("hunter3", true) {
		t.Errorf("shown as %q", got)
	}
	if got := state.Shown("hunter2", false); got != "hunter2" {
		t.Errorf("shown as %q", got)
	}
}

func TestConfigFillsInWhatTheServiceControlManagerWouldHave(t *testing.T) {
	config := state.Service{Name: "s", Program: `C:\x.exe`}.Config()
	if config.DisplayName != "s" || config.Start != state.StartAutomatic || config.Account != state.LocalSystem {
		t.Errorf("got %+v", config)
	}
}
