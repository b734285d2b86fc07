//go:build !windows

package main

import "context"

func runUntilStopped(ctx context.Context, _ options, serve func(context.Context) error) error {
	return serve(ctx)
}
