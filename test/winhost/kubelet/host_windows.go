package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc"
)

// readFacts asks the registry, as the kubelet does.
func readFacts() (facts, error) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Windows NT\CurrentVersion`, registry.QUERY_VALUE)
	if err != nil {
		return facts{}, err
	}
	defer func() { _ = key.Close() }()
	build, _, err := key.GetStringValue("CurrentBuildNumber")
	if err != nil {
		return facts{}, err
	}
	revision, _, err := key.GetIntegerValue("UBR")
	if err != nil {
		return facts{}, err
	}
	product, _, err := key.GetStringValue("ProductName")
	if err != nil {
		return facts{}, err
	}
	f := facts{build: "10.0." + build, osImage: product}
	f.kernelVersion = fmt.Sprintf("%s.%d", f.build, revision)
	f.machineID, f.bootID, err = identity()
	return f, err
}

// identity is where Windows says which computer this is, and counts its boots.
func identity() (machine, boot string, err error) {
	hardware, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\HardwareConfig`, registry.QUERY_VALUE)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = hardware.Close() }()
	if machine, _, err = hardware.GetStringValue("LastConfig"); err != nil {
		return "", "", err
	}
	const prefetch = `SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters`
	parameters, err := registry.OpenKey(registry.LOCAL_MACHINE, prefetch, registry.QUERY_VALUE)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = parameters.Close() }()
	number, _, err := parameters.GetIntegerValue("BootId")
	return machine, fmt.Sprint(number), err
}

// runAsService runs as a Windows service until it is told to stop.
func runAsService(ctx context.Context, name string, run func(context.Context, func()) error) error {
	s := &service{ctx: ctx, run: run}
	if err := svc.Run(name, s); err != nil {
		return fmt.Errorf("running as a service: %w", err)
	}
	return s.err
}

type service struct {
	ctx context.Context //nolint:containedctx // The service manager calls back without one.
	run func(context.Context, func()) error
	err error
}

var errStopped = errors.New("the service was stopped")

func (s *service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	ctx, stop := context.WithCancelCause(s.ctx)
	defer stop(nil)
	status <- svc.Status{State: svc.StartPending}
	running, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.run(ctx, func() { close(running) }) }()
	for {
		select {
		case <-running:
			status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
			running = nil
		case err := <-ended:
			if errors.Is(err, errStopped) {
				return false, 0
			}
			s.err = err
			return true, 1
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				status <- request.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending}
				stop(errStopped)
			}
		}
	}
}
