package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/merge"
	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func (r *runner) setFeature(ctx context.Context, feature state.Feature) error {
	record, known := r.record(feature.ID())
	if !known {
		if err := r.session.Own(record); err != nil {
			return err
		}
	}
	return r.Host.Features.Enable(ctx, feature.Name)
}

func (r *runner) setHostname(ctx context.Context) error {
	facts, err := r.Host.System.Facts(ctx, nil)
	if err != nil {
		return err
	}
	record, known := r.record(state.HostnameID())
	if !known {
		record.Original = &state.Original{Hostname: facts.Hostname}
	}
	record.Applied = plan.HostnameDigest(r.desired.Hostname)
	if err := r.session.Own(record); err != nil {
		return err
	}
	if err := r.Host.System.SetHostname(ctx, r.desired.Hostname); err != nil {
		return err
	}
	facts, err = r.Host.System.Facts(ctx, nil)
	if err == nil && !strings.EqualFold(facts.Hostname, r.desired.Hostname) &&
		!strings.EqualFold(facts.PendingHostname, r.desired.Hostname) {
		return errors.New("verifying: it was set, and is not pending")
	}
	return err
}

func (r *runner) setVariable(ctx context.Context, variable state.Variable) error {
	is, err := r.Host.Environment.Variable(ctx, variable.Name)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	record, known := r.record(variable.ID())
	if !known && !missing {
		record.Original = &state.Original{Variable: &is}
	}
	if variable.Value != nil {
		record = wholeVariable(record, is, !missing)
		if err := r.session.Own(record); err != nil {
			return err
		}
		return r.Host.Environment.SetVariable(ctx, variable.Name, state.EnvironmentValue{
			Text: *variable.Value, Expand: is.Expand,
		})
	}
	return r.setEntries(ctx, variable, is, record, known)
}

// wholeVariable is the record of a list in which entries were ours and that becomes ours as a whole. What others have put
// into it until now is its original.
func wholeVariable(record state.Record, is state.EnvironmentValue, exists bool) state.Record {
	if record.Listed {
		theirs := is
		theirs.Text = theirEntries(is.Text, record)
		if exists && (theirs.Text != "" || record.Original != nil) {
			record.Original = &state.Original{Variable: &theirs}
		} else {
			record.Original = nil
		}
	}
	record.Entries, record.Listed = nil, false
	return record
}

// setEntries changes a list. While that happens both the old and the new entries are noted as ours.
func (r *runner) setEntries(
	ctx context.Context, variable state.Variable, is state.EnvironmentValue, record state.Record, known bool,
) error {
	if known && !record.Listed {
		is = originalVariable(record) // All of it was ours until now.
	}
	list := merge.SplitList(is.Text, variable.ListSeparator())
	change := changeOf(record.Entries, variable.Entries, list.Missing)
	record.Separator = variable.ListSeparator()
	record.Entries, record.Listed = change.during, true
	if err := r.session.Own(record); err != nil {
		return err
	}
	is.Text = list.Remove(change.surplus).Add(change.missing).String()
	if err := r.Host.Environment.SetVariable(ctx, variable.Name, is); err != nil {
		return err
	}
	record.Entries = change.after
	return r.flushed(ctx, func() error { return r.session.Own(record) })
}

func originalVariable(record state.Record) state.EnvironmentValue {
	if record.Original == nil || record.Original.Variable == nil {
		return state.EnvironmentValue{}
	}
	return *record.Original.Variable
}

func (r *runner) setRegistry(ctx context.Context, value state.RegistryValue) error {
	record, known := r.record(value.ID())
	is, err := r.Host.Registry.Value(ctx, value.Key, value.Name)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	if !known && !missing {
		record.Original = &state.Original{Registry: &is}
	}
	made, err := r.missingKeys(ctx, value.Key)
	if err != nil {
		return err
	}
	record.Keys = union(record.Keys, made)
	if err := r.session.Own(record); err != nil {
		return err
	}
	for _, key := range made {
		if err := r.Host.Registry.MakeKey(ctx, key); err != nil {
			return err
		}
	}
	return r.Host.Registry.SetValue(ctx, value.Key, value.Name, value.Data)
}

// missingKeys are the keys that have to be made, the outermost first.
func (r *runner) missingKeys(ctx context.Context, key string) ([]string, error) {
	var missing []string
	for i := range len(key) + 1 {
		if i < len(key) && key[i] != '\\' {
			continue
		}
		has, err := r.Host.Registry.HasKey(ctx, key[:i])
		if err != nil {
			return nil, err
		}
		if !has {
			missing = append(missing, key[:i])
		}
	}
	return missing, nil
}

func (r *runner) setCertificate(ctx context.Context, certificate state.Certificate) error {
	der, err := certificate.DER()
	if err != nil {
		return err
	}
	record, _ := r.record(certificate.ID())
	if err := r.session.Own(record); err != nil {
		return err
	}
	return r.Host.Certificates.AddCertificate(ctx, der)
}

func (r *runner) setFirewall(ctx context.Context, rule state.FirewallRule) error {
	record, known := r.record(rule.ID())
	if !known {
		is, err := r.Host.Firewall.Rule(ctx, rule.Name)
		switch {
		case err == nil:
			record.Original = &state.Original{Firewall: &is}
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("reading the rule that is there: %w", err)
		}
	}
	if err := r.session.Own(record); err != nil {
		return err
	}
	return r.Host.Firewall.SetRule(ctx, rule)
}
