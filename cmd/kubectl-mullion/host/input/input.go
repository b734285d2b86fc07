package input

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Input is what the flags name, read and checked.
type Input struct {
	// Contents are what applying may need.
	Contents remote.Contents
	// Owner is who manages the host.
	Owner string

	// whole is the state of --desired, and nil otherwise.
	whole *state.Desired
	node  *node

	close []io.Closer
}

// Open reads what the flags name. Progress tells in words what takes its time.
func (f *Flags) Open(ctx context.Context, progress func(string)) (*Input, error) {
	i := new(Input)
	var err error
	if f.desired != "" {
		err = i.openDesired(f)
	} else {
		err = i.openConfig(ctx, f, progress)
	}
	if err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// Close lets go of what contents are read from.
func (i *Input) Close() error {
	var errs []error
	for _, closer := range slices.Backward(i.close) {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}

// NeedsFacts is whether what a host shall be depends on what it is.
func (i *Input) NeedsFacts() bool { return i.node != nil }

// For is what a host shall be, and what somebody should know about it. The facts may be nil unless they are needed.
func (i *Input) For(facts *state.Facts) (*state.Desired, []string, error) {
	if i.whole != nil {
		return i.whole, nil, nil
	}
	return i.node.desired(facts)
}
