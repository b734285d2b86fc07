// Package target is the part of the command line that says which host is meant, and how to get to it.
package target

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
	gossh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/key"
)

// Flags are what a user can set.
type Flags struct {
	Address string
	User    string

	keys         []string
	hostKeys     []string
	hostCA       string
	firstUse     bool
	trusted      string
	jump         string
	jumpHostKeys []string
}

// NewFlags are the defaults.
func NewFlags() *Flags { return &Flags{User: "Administrator"} }

// Add adds the flags, which mean the same in every subcommand.
func (f *Flags) Add(flags *pflag.FlagSet) {
	flags.StringVar(&f.Address, "address", "", "The host: a name or an IP address, with or without :port, which is 22 otherwise.")
	flags.StringVar(&f.User, "user", f.User, "Who logs in: a member of the host's Administrators.")
	flags.StringArrayVar(&f.keys, "key", nil, "File with a private key without a passphrase. May be repeated: keys are tried in this order.")
	flags.StringArrayVar(&f.hostKeys, "host-key", nil, "Fingerprint of the host's key, as ssh-keygen -l prints it: SHA256:…, or its type and SHA256:…. May be repeated.")
	flags.StringVar(&f.hostCA, "host-ca", "", "File with the public keys of authorities that sign host certificates, one a line.")
	flags.BoolVar(&f.firstUse, "trust-on-first-use", false, "Believe whatever key the host shows first, record it, and believe no other from then on.")
	flags.StringVar(&f.trusted, "trusted-hosts", "", "File that --trust-on-first-use records keys in (default: mullion/trusted-hosts in your configuration directory).")
	flags.StringVar(&f.jump, "jump", "", "Host to go through, as [user@]host[:port]. The same keys are used for it.")
	flags.StringArrayVar(&f.jumpHostKeys, "jump-host-key", nil, "Fingerprint of the key of the host to go through. May be repeated.")
}

// Validate checks the flags without reading any file. The error names every flag at fault.
func (f *Flags) Validate() error {
	var errs []error
	if f.Address == "" {
		errs = append(errs, errors.New("--address: name the host"))
	}
	if f.User == "" {
		errs = append(errs, errors.New("--user: name who logs in"))
	}
	if len(f.keys) == 0 {
		errs = append(errs, errors.New("--key: name a file with a private key"))
	}
	if f.firstUse && (len(f.hostKeys) > 0 || f.hostCA != "") {
		errs = append(errs, errors.New("--trust-on-first-use: you know the host's key already, by --host-key or --host-ca"))
	}
	if f.trusted != "" && !f.firstUse {
		errs = append(errs, errors.New("--trusted-hosts: it is for --trust-on-first-use"))
	}
	if len(f.jumpHostKeys) > 0 && f.jump == "" {
		errs = append(errs, errors.New("--jump-host-key: name the host to go through with --jump"))
	}
	for flag, fingerprints := range map[string][]string{"--host-key": f.hostKeys, "--jump-host-key": f.jumpHostKeys} {
		if _, err := parsePins(fingerprints); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", flag, err))
		}
	}
	return errors.Join(errs...)
}

// Target reads the files that the flags name. Keys that are trusted on first use are announced in words.
func (f *Flags) Target(announce func(string)) (*ssh.Target, error) {
	keys, err := readKeys(f.keys)
	if err != nil {
		return nil, err
	}
	policy, err := f.policy(announce)
	if err != nil {
		return nil, err
	}
	target := &ssh.Target{Address: f.Address, User: f.User, Keys: keys, HostKeys: policy}
	if target.HostKeys.Pins, err = parsePins(f.hostKeys); err != nil {
		return nil, fmt.Errorf("--host-key: %w", err)
	}
	if f.jump == "" {
		return target, nil
	}
	target.Jump = &ssh.Target{Address: f.jump, User: f.User, Keys: keys, HostKeys: policy}
	if user, address, found := strings.Cut(f.jump, "@"); found {
		target.Jump.User, target.Jump.Address = user, address
	}
	if target.Jump.HostKeys.Pins, err = parsePins(f.jumpHostKeys); err != nil {
		return nil, fmt.Errorf("--jump-host-key: %w", err)
	}
	return target, nil
}

// policy are the grounds to believe hosts that are the same for all of them.
func (f *Flags) policy(announce func(string)) (hostkey.Policy, error) {
	switch {
	case f.hostCA != "":
		authorities, err := readAuthorities(f.hostCA)
		return hostkey.Policy{Authorities: authorities}, err
	case f.firstUse:
		file := f.trusted
		if file == "" {
			var err error
			if file, err = defaultTrusted(); err != nil {
				return hostkey.Policy{}, err
			}
		}
		return hostkey.Policy{FirstUse: &TrustedHosts{File: file, Announce: announce}}, nil
	default:
		return hostkey.Policy{}, nil
	}
}

func parsePins(fingerprints []string) ([]hostkey.Pin, error) {
	var pins []hostkey.Pin
	for _, text := range fingerprints {
		pin, err := hostkey.ParsePin(text)
		if err != nil {
			return nil, err
		}
		pins = append(pins, pin)
	}
	return pins, nil
}

func readKeys(files []string) ([]gossh.Signer, error) {
	var keys []gossh.Signer
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // The user names it.
		if err != nil {
			return nil, fmt.Errorf("--key: %w", err)
		}
		signer, err := key.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("--key: %s: %w", file, err)
		}
		keys = append(keys, signer)
	}
	return keys, nil
}

func readAuthorities(file string) ([]gossh.PublicKey, error) {
	text, err := os.ReadFile(file) //nolint:gosec // The user names it.
	if err != nil {
		return nil, fmt.Errorf("--host-ca: %w", err)
	}
	var authorities []gossh.PublicKey
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		authority, err := hostkey.ParseAuthority([]byte(line))
		if err != nil {
			return nil, fmt.Errorf("--host-ca: %s: %w", file, err)
		}
		authorities = append(authorities, authority)
	}
	if len(authorities) == 0 {
		return nil, fmt.Errorf("--host-ca: there is no key in %s", file)
	}
	return authorities, nil
}
