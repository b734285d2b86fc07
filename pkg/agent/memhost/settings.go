package memhost

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

type (
	environment  struct{ m *Machine }
	certificates struct{ m *Machine }
	firewall     struct{ m *Machine }
	features     struct{ m *Machine }
)

var (
	_ host.Environment  = environment{}
	_ host.Certificates = certificates{}
	_ host.Firewall     = firewall{}
	_ host.Features     = features{}
)

// look reads from a map of the machine, under its lock.
func look[V any](m *Machine, operation, name string, from func() map[string]V) (V, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var none V
	if err := m.read(operation, name); err != nil {
		return none, err
	}
	value, exists := from()[winpath.Fold(name)]
	if !exists {
		return none, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return value, nil
}

// alter changes the machine, under its lock.
func alter(m *Machine, operation, name string, change func(key string)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.change(operation, name); err != nil {
		return err
	}
	change(winpath.Fold(name))
	return nil
}

func (e environment) Variable(_ context.Context, name string) (state.EnvironmentValue, error) {
	found, err := look(e.m, "Variable", name, func() map[string]named[state.EnvironmentValue] { return e.m.hive.environment })
	return found.value, err
}

func (e environment) SetVariable(_ context.Context, name string, value state.EnvironmentValue) error {
	return alter(e.m, "SetVariable", name, func(key string) {
		if existing, exists := e.m.hive.environment[key]; exists {
			name = existing.name // The name stays as it was written first.
		}
		e.m.hive.environment[key] = named[state.EnvironmentValue]{name, value}
	})
}

func (e environment) DeleteVariable(_ context.Context, name string) error {
	return alter(e.m, "DeleteVariable", name, func(key string) { delete(e.m.hive.environment, key) })
}

func (c certificates) HasCertificate(_ context.Context, sha256 string) (bool, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if err := checkDigest(sha256); err != nil {
		return false, err
	}
	if err := c.m.read("HasCertificate", sha256); err != nil {
		return false, err
	}
	return c.m.hive.certificates[strings.ToLower(sha256)], nil
}

func checkDigest(sha256 string) error {
	if _, err := hex.DecodeString(sha256); err != nil {
		return fmt.Errorf("reading the digest of a certificate: %w", err)
	}
	return nil
}

func (c certificates) AddCertificate(_ context.Context, der []byte) error {
	if _, err := x509.ParseCertificate(der); err != nil {
		return fmt.Errorf("reading a certificate: %w", err)
	}
	sum := sha256.Sum256(der)
	digest := hex.EncodeToString(sum[:])
	return alter(c.m, "AddCertificate", digest, func(string) { c.m.hive.certificates[digest] = true })
}

func (c certificates) DeleteCertificate(_ context.Context, sha256 string) error {
	if err := checkDigest(sha256); err != nil {
		return err
	}
	return alter(c.m, "DeleteCertificate", sha256, func(string) {
		delete(c.m.hive.certificates, strings.ToLower(sha256))
	})
}

func (f firewall) Rule(_ context.Context, name string) (state.FirewallRule, error) {
	return look(f.m, "Rule", name, func() map[string]state.FirewallRule { return f.m.hive.rules })
}

func (f firewall) SetRule(_ context.Context, rule state.FirewallRule) error {
	if len(rule.Other) > 0 {
		return fmt.Errorf("setting firewall rule %q: %v cannot be set", rule.Name, rule.Other)
	}
	rule.After = nil
	return alter(f.m, "SetRule", rule.Name, func(key string) { f.m.hive.rules[key] = rule })
}

func (f firewall) DeleteRule(_ context.Context, name string) error {
	return alter(f.m, "DeleteRule", name, func(key string) { delete(f.m.hive.rules, key) })
}

func (f features) Feature(_ context.Context, name string) (state.FeatureState, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.read("Feature", name); err != nil {
		return "", err
	}
	found, exists := f.m.hive.features[winpath.Fold(name)]
	if !exists {
		return state.FeatureAbsent, nil
	}
	return found.value, nil
}

func (f features) Enable(ctx context.Context, name string) error {
	if err := f.known(ctx, name); err != nil {
		return fmt.Errorf("enabling feature %s: %w", name, err)
	}
	return alter(f.m, "EnableFeature", name, func(key string) {
		if is := f.m.hive.features[key].value; is == state.FeatureDisabled || is == state.FeatureDisablePending {
			f.m.hive.features[key] = named[state.FeatureState]{name, state.FeatureEnablePending}
		}
	})
}

func (f features) Disable(ctx context.Context, name string) error {
	if err := f.known(ctx, name); err != nil {
		return fmt.Errorf("disabling feature %s: %w", name, err)
	}
	return alter(f.m, "DisableFeature", name, func(key string) {
		if is := f.m.hive.features[key].value; is == state.FeatureEnabled || is == state.FeatureEnablePending {
			f.m.hive.features[key] = named[state.FeatureState]{name, state.FeatureDisablePending}
		}
	})
}

func (f features) known(ctx context.Context, name string) error {
	is, err := f.Feature(ctx, name)
	if err == nil && is == state.FeatureAbsent {
		err = errors.New("this Windows has none of that name")
	}
	return err
}
