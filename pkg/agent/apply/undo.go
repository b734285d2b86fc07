package apply

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/merge"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// undo takes a resource back to what it was, and then it is no longer ours.
func (r *runner) undo(ctx context.Context, action state.Action) error {
	record, known := r.record(action.ID)
	if !known {
		return nil
	}
	if action.Verb != state.VerbForget {
		if err := r.takeBack(ctx, record); err != nil {
			return err
		}
	}
	return r.flushed(ctx, func() error { return r.session.Disown(record.ID) })
}

func (r *runner) takeBack(ctx context.Context, record state.Record) error {
	name := record.ID.Name
	switch record.ID.Kind {
	case state.KindFeature:
		return r.Host.Features.Disable(ctx, name)
	case state.KindHostname:
		return r.Host.System.SetHostname(ctx, record.Original.Hostname)
	case state.KindDirectory:
		return r.takeBackDirectory(ctx, winpath.Path(name), record)
	case state.KindFile:
		return r.takeBackFile(ctx, winpath.Path(name), record)
	case state.KindVariable:
		return r.takeBackVariable(ctx, record)
	case state.KindRegistry:
		return r.takeBackRegistry(ctx, record)
	case state.KindCertificate:
		return r.Host.Certificates.DeleteCertificate(ctx, name)
	case state.KindFirewall:
		if record.Original != nil {
			return r.Host.Firewall.SetRule(ctx, *record.Original.Firewall)
		}
		return r.Host.Firewall.DeleteRule(ctx, name)
	case state.KindNetwork:
		return r.takeBackNetwork(ctx, record)
	case state.KindRoute:
		return r.takeBackRoute(ctx, record)
	case state.KindService:
		return r.takeBackService(ctx, record)
	default:
		return nil
	}
}

func (r *runner) takeBackVariable(ctx context.Context, record state.Record) error {
	name := record.ID.Name
	is, err := r.Host.Environment.Variable(ctx, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch {
	case record.Listed:
		is.Text = theirEntries(is.Text, record)
		if is.Text == "" && record.Original == nil {
			return r.Host.Environment.DeleteVariable(ctx, name)
		}
		return r.Host.Environment.SetVariable(ctx, name, is)
	case record.Original != nil:
		return r.Host.Environment.SetVariable(ctx, name, *record.Original.Variable)
	default:
		return r.Host.Environment.DeleteVariable(ctx, name)
	}
}

// theirEntries is a list without our entries. A separator at its end, which ours have filled, comes back as long as
// nobody else has changed the list.
func theirEntries(text string, record state.Record) string {
	left := merge.SplitList(text, record.Separator).Remove(record.Entries).String()
	if before := originalVariable(record).Text; strings.TrimSuffix(before, record.Separator) == left {
		return before
	}
	return left
}

func (r *runner) takeBackRegistry(ctx context.Context, record state.Record) error {
	key, name := state.SplitRegistryName(record.ID.Name)
	if record.Original != nil {
		return r.Host.Registry.SetValue(ctx, key, name, *record.Original.Registry)
	}
	if err := r.Host.Registry.DeleteValue(ctx, key, name); err != nil {
		return err
	}
	for i, made := range slices.Backward(record.Keys) {
		err := r.Host.Registry.DeleteKey(ctx, made)
		if errors.Is(err, host.ErrNotEmpty) {
			return r.passOnKeys(record, record.Keys[:i+1])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// passOnKeys makes keys that are still used by another value of ours that one's to delete.
func (r *runner) passOnKeys(record state.Record, keys []string) error {
	innermost := winpath.Fold(keys[len(keys)-1])
	for _, other := range r.session.Manifest().Records {
		if other.ID.Kind != state.KindRegistry || other.ID.Key() == record.ID.Key() {
			continue
		}
		key, _ := state.SplitRegistryName(winpath.Fold(other.ID.Name))
		if key == innermost || strings.HasPrefix(key, innermost+`\`) {
			other.Keys = union(keys, other.Keys)
			return r.session.Own(other)
		}
	}
	return nil
}
