package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/pprof"

	"github.com/mullion-dev/mullion/bench/internal/reviewserver"
)

// serveContender is what the process of a contender does.
func serveContender(ctx context.Context, name, profile string, input io.Reader, output io.Writer) error {
	contender, err := contenderNamed(name)
	if err != nil {
		return err
	}
	handler, err := contender.handler()
	if err != nil {
		return fmt.Errorf("making %s: %w", name, err)
	}
	stopProfile, err := startProfile(profile)
	if err != nil {
		return err
	}
	defer stopProfile()
	return reviewserver.Serve(ctx, handler, input, output)
}

func startProfile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	file, err := os.Create(path) //nolint:gosec // whoever measures names the file
	if err != nil {
		return nil, fmt.Errorf("creating the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, fmt.Errorf("starting the profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close() // a profile cut short shows when it is read
	}, nil
}
