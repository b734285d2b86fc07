package winhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// firewall is the local rules, through the interface of the firewall's service. Where there is no such service, the rules
// go where it looks for them as it starts. Wine has none, so that only the latter is tested there.
type firewall struct{}

var _ host.Firewall = firewall{}

func (firewall) Rule(ctx context.Context, name string) (rule state.FirewallRule, err error) {
	err = withRules(func(rules *object) error {
		rule, err = readRule(rules, name)
		return err
	})
	if errors.Is(err, errNoClass) {
		rule, err = storedRules{}.Rule(ctx, name)
	}
	if err != nil {
		return rule, failed(err, "looking at firewall rule %q", name)
	}
	return rule, nil
}

// SetRule replaces a rule of that name. Changing it in place would keep what a desired state does not speak of, such as
// the profiles that it is for; connections that exist outlive the moment in between.
func (firewall) SetRule(ctx context.Context, rule state.FirewallRule) error {
	if len(rule.Other) > 0 {
		return fmt.Errorf("setting firewall rule %q: %v cannot be set", rule.Name, rule.Other)
	}
	err := withRules(func(rules *object) error {
		if err := removeRules(rules, rule.Name); err != nil {
			return err
		}
		return addRule(rules, rule)
	})
	if errors.Is(err, errNoClass) {
		err = storedRules{}.SetRule(ctx, rule)
	}
	if err != nil {
		return failed(err, "setting firewall rule %q", rule.Name)
	}
	return nil
}

func (firewall) DeleteRule(ctx context.Context, name string) error {
	err := withRules(func(rules *object) error { return removeRules(rules, name) })
	if errors.Is(err, errNoClass) {
		err = storedRules{}.DeleteRule(ctx, name)
	}
	if err != nil {
		return failed(err, "deleting firewall rule %q", name)
	}
	return nil
}

// removeRules removes all rules of that name: nothing keeps two of them from having one.
func removeRules(rules *object, name string) error {
	const most = 100
	for range most {
		found, err := itemOf(rules, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		found.release()
		if err := rules.putText(rulesRemove, name); err != nil {
			return err
		}
	}
	return fmt.Errorf("there are more than %d rules of that name", most)
}
