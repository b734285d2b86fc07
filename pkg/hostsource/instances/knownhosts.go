package instances

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// KnownHosts are the keys of hosts, as an administrator gave them.
type KnownHosts struct {
	lines []knownHost
}

// knownHost is a line of known_hosts.
type knownHost struct {
	patterns  []string
	authority bool
	key       ssh.PublicKey
}

// LineProblem is a line of known_hosts that cannot be used.
type LineProblem struct {
	// Line is its number, from 1.
	Line int
	Err  error
}

// ParseKnownHosts reads what ssh-keyscan writes, which is the format of known_hosts: names and patterns, a key's type and
// the key, optionally after @cert-authority. Names may have wildcards. A line that cannot be used stops no other. Source:
// sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
func ParseKnownHosts(text string) (KnownHosts, []LineProblem) {
	var known KnownHosts
	var problems []LineProblem
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		host, err := parseKnownHost(line)
		if err != nil {
			problems = append(problems, LineProblem{number, err})
			continue
		}
		known.lines = append(known.lines, host)
	}
	return known, problems
}

func parseKnownHost(line string) (knownHost, error) {
	marker, patterns, key, _, _, err := ssh.ParseKnownHosts([]byte(line))
	if errors.Is(err, io.EOF) { // What the library takes for nothing at all.
		err = errors.New("it has no key")
	}
	if err != nil {
		return knownHost{}, fmt.Errorf("reading it as a line of known_hosts: %w", err)
	}
	if marker != "" && marker != "cert-authority" {
		return knownHost{}, fmt.Errorf("it is marked %.40q, and only cert-authority is known", marker)
	}
	for _, pattern := range patterns {
		switch {
		case strings.HasPrefix(pattern, "|"):
			return knownHost{}, errors.New("its name is hashed: names have to be readable, as ssh-keyscan writes them without -H")
		case strings.HasPrefix(pattern, "!"):
			return knownHost{}, errors.New("it excludes a name, which is not supported")
		}
	}
	return knownHost{patterns, marker != "", key}, nil
}

// Trust is what is known of the host at an address, in lower case; zero where nothing is.
func (k KnownHosts) Trust(address string) v1alpha1.HostKeyTrust {
	var trust v1alpha1.HostKeyTrust
	for i := range k.lines {
		line := &k.lines[i]
		if !slices.ContainsFunc(line.patterns, func(pattern string) bool { return matches(pattern, address) }) {
			continue
		}
		if line.authority {
			authority := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(line.key)))
			trust.Authorities = append(trust.Authorities, authority)
		} else {
			trust.Fingerprints = append(trust.Fingerprints, hostkey.PinOf(line.key).String())
		}
	}
	trust.Authorities = unique(trust.Authorities)
	trust.Fingerprints = unique(trust.Fingerprints)
	return trust
}

// matches tells that a pattern, in which * and ? stand for any characters and any character, is that of a host. A name
// with a port, in brackets, is that of another SSH server on the same host.
func matches(pattern, address string) bool {
	if strings.ContainsAny(pattern, `[\`) {
		return false
	}
	found, err := path.Match(strings.ToLower(pattern), address)
	return err == nil && found
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
