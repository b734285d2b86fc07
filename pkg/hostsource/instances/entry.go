package instances

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Entry is one host of the list.
type Entry struct {
	// Address is the IPv4 address or the DNS name, in lower case, at which the host is reached.
	Address string
	// User is the administrator as whom to log in.
	User string
}

// Problem is an entry that cannot be used.
type Problem struct {
	// Key is the entry's key.
	Key string
	// Address is the address that the key stands for, as in an Entry, and empty if it stands for none. The host there is
	// still listed: it is the rest of its entry that is mistyped.
	Address string
	// Err says what is wrong with it. It names no more of the value than the names of its settings.
	Err error
}

// Parse reads the data of the ConfigMap. Entries and problems are sorted by address and key. It is pure: whether a name
// resolves is for whoever connects to find out.
func Parse(data map[string]string) (entries []Entry, problems []Problem) {
	keys := make(map[string]string, len(data)) // Of addresses, to find those that are listed twice.
	for key, value := range data {
		entry, err := parseEntry(key, value)
		if entry.Address != "" {
			keys[key] = entry.Address
		}
		if err != nil {
			problems = append(problems, Problem{key, entry.Address, err})
			continue
		}
		entries = append(entries, entry)
	}
	entries, problems = withoutRepeated(entries, problems, keys)
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Address, b.Address) })
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Key, b.Key) })
	return entries, problems
}

// withoutRepeated takes out the entries for the same address: nobody can tell which of them is meant.
func withoutRepeated(entries []Entry, problems []Problem, keys map[string]string) ([]Entry, []Problem) {
	count := map[string]int{}
	for _, address := range keys {
		count[address]++
	}
	repeated := func(address string) bool { return count[address] > 1 }
	problems = slices.DeleteFunc(problems, func(p Problem) bool { return repeated(p.Address) })
	for key, address := range keys {
		if repeated(address) {
			err := fmt.Errorf("%s is listed %d times, in different case", address, count[address])
			problems = append(problems, Problem{key, address, err})
		}
	}
	return slices.DeleteFunc(entries, func(e Entry) bool { return repeated(e.Address) }), problems
}

// parseEntry reads one entry. With an error the address is there if the key could be read.
func parseEntry(key, value string) (Entry, error) {
	address, err := parseAddress(key)
	if err != nil {
		return Entry{}, err
	}
	user, err := parseValue(value)
	return Entry{Address: address, User: user}, err
}

func parseAddress(key string) (string, error) {
	if address, err := netip.ParseAddr(key); err == nil {
		if !address.Is4() {
			return "", errors.New("the key is an IPv6 address, and hosts are listed by IPv4 address or DNS name")
		}
		return key, nil
	}
	name := strings.ToLower(key)
	if looksNumeric(name) {
		return "", errors.New("the key is neither an IPv4 address nor a DNS name")
	}
	if faults := validation.IsDNS1123Subdomain(name); len(faults) > 0 {
		return "", fmt.Errorf("the key is neither an IPv4 address nor a DNS name: %s", strings.Join(faults, "; "))
	}
	return name, nil
}

// looksNumeric tells that a name ends in a number, as an address does and no name of a host may (RFC 1123, 2.1): it is
// an address that was mistyped.
func looksNumeric(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// parseValue reads the settings of an entry, of which there is one.
func parseValue(value string) (user string, err error) {
	for line := range strings.Lines(value) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, setting, found := strings.Cut(line, "=")
		switch {
		case !found:
			return "", errors.New("the value has a line that is not of the form username=<user>")
		case strings.TrimSpace(name) != "username":
			return "", fmt.Errorf("the value has the setting %.40q, and only username is known", strings.TrimSpace(name))
		case user != "":
			return "", errors.New("the value has username twice")
		}
		if user = strings.TrimSpace(setting); user == "" {
			return "", errors.New("the value has no user after username=")
		}
	}
	if user == "" {
		return "", errors.New("the value lacks username=<user>")
	}
	return user, nil
}
