package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/merge"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// takeWhole turns a file in which lines were ours into one that is ours. What others have written until now is its
// original, also of a file that we have made.
func (r *runner) takeWhole(ctx context.Context, is state.ObservedPath, record state.Record) (state.Record, error) {
	switch {
	case !record.Listed:
	case is.Type == "":
		record.Original = nil
	default:
		theirs, err := theirLines(is, record)
		if err != nil {
			return record, err
		}
		if record.Original, err = r.preserveLines(ctx, theirs, is, record.Original); err != nil {
			return record, fmt.Errorf("preserving what others wrote: %w", err)
		}
	}
	record.Entries, record.Removed, record.Listed, record.EndedLine = nil, nil, false, false
	return record, nil
}

// preserveLines keeps lines of others as an original; nil where there were none before us, and are none now.
func (r *runner) preserveLines(
	ctx context.Context, theirs []byte, is state.ObservedPath, before *state.Original,
) (*state.Original, error) {
	original := state.Original{Access: &is.Access}
	switch {
	case before != nil:
		original.Access = before.Access
	case len(theirs) == 0:
		return nil, nil //nolint:nilnil // There is none.
	}
	original.SHA256 = state.Digest(theirs)
	return &original, r.Store.PreserveContent(ctx, original.SHA256, bytes.NewReader(theirs))
}

// theirLines is a file without our lines. That its last line had no ending before us matters only as long as nobody
// else has changed the file: then the result is the original, byte by byte.
func theirLines(is state.ObservedPath, record state.Record) ([]byte, error) {
	if is.Content == nil {
		return nil, fmt.Errorf("%s has %d bytes, too many to take our lines out", record.ID.Name, is.Size)
	}
	lines := merge.Split(is.Content)
	exact := lines.Remove(record.Entries, record.EndedLine).Bytes()
	if record.Original != nil && state.Digest(exact) == record.Original.SHA256 {
		return exact, nil
	}
	return lines.Remove(record.Entries, false).Bytes(), nil
}

// setLines changes lines. While that happens both the old and the new ones are noted as ours, and before it what goes
// though it is not.
func (r *runner) setLines(
	ctx context.Context, file state.File, is state.ObservedPath, record state.Record, known bool, options atomicfile.Options,
) error {
	content, err := r.shared(ctx, is, record, known)
	if err != nil {
		return err
	}
	lines := merge.Split(content)
	unwanted := lines.Where(file.Unwanted)
	for _, line := range others(unwanted, record.Entries) {
		record.Removed = union(record.Removed, []string{strings.ToValidUTF8(line, "?")})
	}
	lines = lines.Remove(unwanted, false)
	change := changeOf(record.Entries, file.Lines, lines.Missing)
	record.EndedLine = record.EndedLine || len(record.Entries) == 0 && lines.EndsWithin()
	record.Entries, record.Listed = change.during, true
	if err := r.session.Own(record); err != nil {
		return err
	}
	after := lines.Remove(change.surplus, false).Add(change.missing).Bytes()
	if err := atomicfile.Write(ctx, r.Host.Files, file.Path, bytes.NewReader(after), options); err != nil {
		return err
	}
	record.Entries = change.after
	return r.session.Own(record)
}

// shared is the content that lines are put into: what is there, or, where all of it was ours until now, what was there
// before us. The plan has refused what cannot have lines put in; it may have become so since.
func (r *runner) shared(
	ctx context.Context, is state.ObservedPath, record state.Record, known bool,
) (content []byte, err error) {
	content = is.Content
	switch {
	case known && !record.Listed:
		if content, err = r.originalContent(ctx, record); err != nil {
			return nil, err
		}
	case is.Type != "" && content == nil:
		return nil, fmt.Errorf("it has %d bytes by now, which are not read, so no lines can be put in", is.Size)
	}
	if !merge.Text(content) {
		return nil, errors.New("it is UTF-16 or no text by now, so no lines can be put in")
	}
	return content, nil
}

func (r *runner) originalContent(ctx context.Context, record state.Record) ([]byte, error) {
	if record.Original == nil || record.Original.SHA256 == "" {
		return nil, nil
	}
	original, err := r.Store.OpenOriginal(ctx, record.Original.SHA256)
	if err != nil {
		return nil, err
	}
	defer original.Close()
	return io.ReadAll(original)
}
