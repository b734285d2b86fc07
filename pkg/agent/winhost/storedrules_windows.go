package winhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/sys/windows/registry"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// storedRules is the rules in the registry, from where the firewall takes them as it starts, and only then.
type storedRules struct{}

var _ host.Firewall = storedRules{}

const (
	policyKey = `SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy`
	rulesKey  = policyKey + `\FirewallRules`
	// ourRules begins the names of values that are ours; those of others are GUIDs or names without a hyphen.
	ourRules = "mullion-"
)

func (storedRules) Rule(_ context.Context, name string) (rule state.FirewallRule, err error) {
	err = fmt.Errorf("rule %q: %w", name, fs.ErrNotExist)
	_, failure := eachStored(func(_ registry.Key, _, text string) error {
		if sameRule(text, name) {
			rule, err = parseRule(text), nil
		}
		return nil
	})
	return rule, errors.Join(failure, err)
}

func (s storedRules) SetRule(ctx context.Context, rule state.FirewallRule) error {
	text, err := formatRule(rule)
	if err != nil {
		return err
	}
	if err := s.DeleteRule(ctx, rule.Name); err != nil {
		return err
	}
	key, _, err := registry.CreateKey(registry.LOCAL_MACHINE, rulesKey, registry.SET_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return err
	}
	defer key.Close()
	return key.SetStringValue(ourRules+rule.Name, text)
}

// DeleteRule also deletes keys that are empty then: where there is no firewall, it was us who made them.
func (storedRules) DeleteRule(ctx context.Context, name string) error {
	there, err := eachStored(func(key registry.Key, value, text string) error {
		if sameRule(text, name) {
			return key.DeleteValue(value)
		}
		return nil
	})
	if err != nil || !there {
		return err
	}
	for path := rulesKey; strings.Contains(path, `\SharedAccess`); path = path[:strings.LastIndexByte(path, '\\')] {
		err := keys{}.DeleteKey(ctx, `HKLM\`+path)
		if errors.Is(err, host.ErrNotEmpty) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eachStored calls a function with each value; it tells whether there is a place for them at all.
func eachStored(do func(key registry.Key, value, text string) error) (bool, error) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, rulesKey, registry.QUERY_VALUE|registry.SET_VALUE|registry.WOW64_64KEY)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer key.Close()
	values, err := key.ReadValueNames(-1)
	if err != nil {
		return true, err
	}
	for _, value := range values {
		text, _, err := key.GetStringValue(value)
		if err != nil {
			return true, err
		}
		if err := do(key, value, text); err != nil {
			return true, err
		}
	}
	return true, nil
}

// sameRule tells whether a stored rule has the name.
func sameRule(text, name string) bool {
	for field := range strings.SplitSeq(text, "|") {
		if value, found := strings.CutPrefix(field, "Name="); found {
			return strings.EqualFold(value, name)
		}
	}
	return false
}
