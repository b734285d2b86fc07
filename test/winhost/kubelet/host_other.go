//go:build !windows

package main

import (
	"context"
	"errors"
)

func readFacts() (facts, error) {
	return facts{kernelVersion: "6.12", osImage: "a host for tests", machineID: "test", bootID: "1"}, nil
}

func runAsService(context.Context, string, func(context.Context, func()) error) error {
	return errors.New("there are no Windows services here")
}
