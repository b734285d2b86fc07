package image

import (
	"fmt"
	"strings"
)

// allowlist is the hosts that may be asked. Empty allows any.
type allowlist struct {
	hosts    map[string]bool
	suffixes []string
}

func newAllowlist(entries []string) (allowlist, error) {
	list := allowlist{hosts: map[string]bool{}}
	for _, entry := range entries {
		host := strings.ToLower(entry)
		domain, wildcard := strings.CutPrefix(host, "*.")
		if domain == "" || strings.ContainsAny(domain, "*/@ ") {
			return allowlist{}, fmt.Errorf("allowed registry %q is neither host[:port] nor *.domain[:port]", entry)
		}
		switch {
		case wildcard:
			list.suffixes = append(list.suffixes, "."+domain)
		case host == "index.docker.io":
			list.hosts["docker.io"] = true
		default:
			list.hosts[host] = true
		}
	}
	return list, nil
}

func (l allowlist) allows(registry string) bool {
	if len(l.hosts) == 0 && len(l.suffixes) == 0 || l.hosts[registry] {
		return true
	}
	for _, suffix := range l.suffixes {
		if strings.HasSuffix(registry, suffix) {
			return true
		}
	}
	return false
}
