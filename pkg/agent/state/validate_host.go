package state

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// CheckHostname checks a name against RFC 1123, as a node's name has to be a label, and against Windows, which takes
// no name of digits only.
func CheckHostname(name string) error {
	switch {
	case name == "":
		return errors.New("is empty")
	case len(name) > 63:
		return fmt.Errorf("%q is longer than 63 characters", name)
	case strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-"):
		return fmt.Errorf("%q starts or ends with a hyphen", name)
	case !strings.ContainsFunc(name, func(r rune) bool { return r < '0' || '9' < r }):
		return fmt.Errorf("%q consists of digits only", name)
	}
	for _, r := range name {
		letter := 'a' <= r|0x20 && r|0x20 <= 'z'
		if !letter && r != '-' && (r < '0' || '9' < r) {
			return fmt.Errorf("%q has the character %q; only letters, digits and hyphens may be in it", name, r)
		}
	}
	return nil
}

func (r Requirements) validate() error {
	if r.MaxClockSkewSeconds < 0 || r.MinFreeBytes < 0 {
		return errors.New("have a negative number")
	}
	for _, build := range r.Builds {
		if !isBuild(build) {
			return fmt.Errorf("have the build %q, which is not of three numbers as in 10.0.20348", build)
		}
	}
	for _, name := range slices.Concat(r.Languages, r.Conflicts) {
		if err := checkName(name); err != nil {
			return fmt.Errorf("have a name that %w", err)
		}
	}
	return nil
}

func isBuild(build string) bool {
	parts := strings.Split(build, ".")
	return len(parts) == 3 && !slices.ContainsFunc(parts, func(part string) bool {
		return part == "" || strings.Trim(part, "0123456789") != ""
	})
}

func (v Versions) validate() error {
	switch {
	case v.Root == "" || v.Root.IsRoot():
		return errors.New("need a directory as their root")
	case v.Keep < 0 || v.Keep > MaxVersions:
		return fmt.Errorf("keep has to be from 0 to %d", MaxVersions)
	}
	if _, err := winpath.Parse(`C:\` + v.Current); err != nil || strings.ContainsAny(v.Current, `\/`) || v.Current == "" {
		return fmt.Errorf("current version %q is not the name of a directory", v.Current)
	}
	return nil
}

func (f Feature) validate() error { return checkName(f.Name) }

func (c Certificate) validate() error {
	_, err := c.DER()
	return err
}

func (r FirewallRule) validate() error {
	if err := checkName(r.Name); err != nil {
		return err
	}
	switch r.Protocol {
	case "TCP", "UDP":
	case "":
		if len(r.Ports) > 0 {
			return errors.New("has ports without a protocol")
		}
	default:
		return fmt.Errorf("has the protocol %q; known are TCP and UDP", r.Protocol)
	}
	for _, remote := range r.Remotes {
		if prefix, err := netip.ParsePrefix(remote); err != nil || prefix != prefix.Masked() {
			return fmt.Errorf("has the remote %q, which is not a prefix such as 10.0.0.0/8", remote)
		}
	}
	if len(r.Other) > 0 {
		return errors.New("has other settings, which can be seen of a rule and not set")
	}
	if slices.Contains(r.Ports, 0) {
		return errors.New("has port 0")
	}
	return checkLine(r.Description)
}

func (v Variable) validate() error {
	if err := checkName(v.Name); err != nil {
		return err
	}
	switch {
	case strings.Contains(v.Name, "="):
		return errors.New("has = in its name")
	case (v.Value == nil) == (len(v.Entries) == 0):
		return errors.New("needs either a value or entries")
	case v.Value != nil && v.Separator != "":
		return errors.New("has a separator, but no entries")
	case v.Value != nil:
		return checkLine(*v.Value)
	case !slices.Contains([]string{"", ";", ","}, v.Separator):
		return fmt.Errorf("has the separator %q; known are ; and ,", v.Separator)
	}
	return checkEntries(v.Entries, v.ListSeparator())
}

// ListSeparator is the separator of entries.
func (v Variable) ListSeparator() string {
	if v.Separator == "" {
		return ";"
	}
	return v.Separator
}

func checkEntries(entries []string, separator string) error {
	seen := map[string]bool{}
	for _, entry := range entries {
		switch {
		case strings.TrimSpace(entry) == "":
			return errors.New("has an empty entry")
		case separator != "" && strings.Contains(entry, separator):
			return fmt.Errorf("has the separator %q inside an entry", separator)
		case seen[entry]:
			return errors.New("has an entry twice")
		}
		if err := checkLine(entry); err != nil {
			return fmt.Errorf("has an entry that %w", err)
		}
		seen[entry] = true
	}
	return nil
}

func (r RegistryValue) validate() error {
	rest, inMachine := strings.CutPrefix(r.Key, `HKLM\`)
	if !inMachine || rest == "" {
		return errors.New(`has a key that does not start with HKLM\`)
	}
	for _, component := range strings.Split(rest, `\`) {
		if component == "" || strings.Contains(component, ":") {
			return errors.New("has a key with an empty component or a colon")
		}
		if err := checkName(component); err != nil {
			return fmt.Errorf("has a key with a component that %w", err)
		}
	}
	if err := checkLine(r.Name); err != nil {
		return fmt.Errorf("has a name that %w", err)
	}
	return r.Data.validate()
}

func (d RegistryData) validate() error {
	empty := RegistryData{Type: d.Type}
	switch d.Type {
	case RegistryString, RegistryExpand:
		empty.Text = d.Text
	case RegistryMultiString:
		empty.Texts = d.Texts
		if slices.Contains(d.Texts, "") {
			return errors.New("has an empty text, which would end the list")
		}
	case RegistryDWord, RegistryQWord:
		empty.Number = d.Number
	case RegistryBinary:
		empty.Bytes = d.Bytes
	default:
		return fmt.Errorf("has the unknown type %q", d.Type)
	}
	switch {
	case !d.Equal(empty):
		return fmt.Errorf("has data that does not belong to its type %s", d.Type)
	case d.Type == RegistryDWord && d.Number > 1<<32-1:
		return errors.New("has a number that does not fit its type dword")
	case len(d.Text) > MaxText || len(d.Bytes) > MaxInline:
		return errors.New("is too large")
	case strings.Contains(d.Text+strings.Join(d.Texts, ""), "\x00"):
		return errors.New("has a zero character")
	}
	return nil
}

// Equal compares types and contents.
func (d RegistryData) Equal(other RegistryData) bool {
	return d.Type == other.Type && d.Text == other.Text && slices.Equal(d.Texts, other.Texts) &&
		d.Number == other.Number && slices.Equal(d.Bytes, other.Bytes)
}
