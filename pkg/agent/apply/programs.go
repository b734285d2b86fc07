package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// tidyPrograms removes versions of the agent other than the one that runs and those that a service uses. Most hosts
// have no other one: then it costs a look into a directory.
func (a *Applier) tidyPrograms(ctx context.Context, desired *state.Desired) error {
	versions, err := programs.Others(ctx, a.Host.Files, a.Program)
	if err != nil || len(versions) == 0 {
		return err
	}
	used, err := a.programsInUse(ctx, desired)
	if err != nil {
		return fmt.Errorf("finding the versions of the agent that are in use: %w", err)
	}
	for _, version := range versions {
		if strings.Contains(used, version.Key()+`\`) {
			continue
		}
		if err := programs.Remove(ctx, a.Host.Files, version, desired == nil); err != nil {
			return err
		}
	}
	return nil
}

// programsInUse are the command lines of services, of those that wait to be put back, too, and the paths that are ours,
// as one text, with cases folded.
func (a *Applier) programsInUse(ctx context.Context, desired *state.Desired) (string, error) {
	manifest, _, err := a.Store.Load(ctx)
	if err != nil {
		return "", err
	}
	var names, used []string
	for _, record := range manifest.Records {
		switch record.ID.Kind {
		case state.KindService:
			names = append(names, record.ID.Name)
			if record.Original != nil && record.Original.Service != nil {
				used = append(used, record.Original.Service.CommandLine)
			}
		case state.KindFile, state.KindDirectory:
			used = append(used, record.ID.Name+`\`)
		}
	}
	if desired != nil {
		for _, service := range desired.Services {
			names = append(names, service.Name)
		}
	}
	facts, err := a.Host.System.Facts(ctx, names)
	if err != nil {
		return "", err
	}
	for _, service := range facts.Services {
		names = append(names, service.Name)
	}
	for _, name := range names {
		service, err := a.Host.Services.Service(ctx, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, host.ErrMarkedForDelete) {
			return "", err
		}
		used = append(used, service.Config.CommandLine)
	}
	return winpath.Fold(strings.Join(used, "\n")), nil
}
