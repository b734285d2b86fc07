package app

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// tailSize is how much of a file becomes part of a support bundle, in bytes.
const tailSize = 256 << 10

// supportBundle writes what helps to find out what is wrong to a new file.
func supportBundle(ctx context.Context, args []string, streams Streams, platform Platform) int {
	if len(args) != 1 {
		return misused(streams, "support-bundle takes the path of a file to make")
	}
	file, err := winpath.Parse(args[0])
	if err != nil {
		return misused(streams, fmt.Sprintf("the path %q %v", args[0], err))
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	applier, err := newApplier(platform, "support-bundle", "")
	if err == nil {
		err = writeBundle(ctx, applier, file)
	}
	if err != nil {
		say(streams.Err, "writing the support bundle: %v", err)
		return protocol.ExitFailed
	}
	say(streams.Out, "%s", file)
	return protocol.ExitDone
}

func writeBundle(ctx context.Context, applier apply.Applier, file winpath.Path) error {
	if _, err := applier.Host.Files.Stat(ctx, file); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s is there already", file), err)
	}
	out, err := applier.Host.Files.Create(ctx, file, true)
	if err != nil {
		return err
	}
	b := bundle{applier: applier, zip: zip.NewWriter(out)}
	err = errors.Join(b.collect(ctx), b.zip.Close())
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// bundle is a zip archive being written. What cannot be read is an entry that says why: half a bundle is better than none.
type bundle struct {
	applier apply.Applier
	zip     *zip.Writer
	redact  func(string) string
}

func (b *bundle) collect(ctx context.Context) error {
	desired, err := b.applier.Store.Desired(ctx)
	b.redact = desired.Redactor()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		if err := b.add("desired.error.txt", err.Error()); err != nil {
			return err
		}
	}
	if err := b.addFacts(ctx); err != nil {
		return err
	}
	if desired != nil {
		planned, _, err := b.applier.Plan(ctx, desired, apply.NoSkew)
		if err := b.addJSON("plan", planned, err); err != nil {
			return err
		}
	}
	root := b.applier.Store.Root()
	for name, redact := range map[string]func(string) string{
		"manifest.json": redactDocument, "journal": redactDocument, "status.json": b.redact,
	} {
		text, err := observe.Tail(ctx, b.applier.Host.Files, root.Join(name), tailSize)
		if err := b.addText(name, redact(text), err); err != nil {
			return err
		}
	}
	return b.addLogs(ctx, desired)
}

func (b *bundle) addFacts(ctx context.Context) error {
	facts, err := b.applier.Facts(ctx, apply.NoSkew)
	return b.addJSON("facts", facts, err)
}

// addLogs adds the ends of the services' logs.
func (b *bundle) addLogs(ctx context.Context, desired *state.Desired) error {
	if desired == nil {
		return nil
	}
	for _, service := range desired.Services {
		if service.Log == "" {
			continue
		}
		text, err := observe.Tail(ctx, b.applier.Host.Files, service.Log, tailSize)
		if err := b.addText(path.Join("logs", service.Name+".log"), b.redact(text), err); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundle) addJSON(name string, document any, err error) error {
	encoded, encoding := state.Encode(document)
	if err = errors.Join(err, encoding); err != nil {
		return b.add(name+".error.txt", b.redact(err.Error()))
	}
	return b.add(name+".json", string(encoded))
}

func (b *bundle) addText(name, text string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return b.add(name+".error.txt", b.redact(err.Error()))
	}
	return b.add(name, text)
}

func (b *bundle) add(name, text string) error {
	entry, err := b.zip.Create(name)
	if err != nil {
		return fmt.Errorf("adding %s: %w", name, err)
	}
	if _, err := entry.Write([]byte(text)); err != nil {
		return fmt.Errorf("adding %s: %w", name, err)
	}
	return nil
}
