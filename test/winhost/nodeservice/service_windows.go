package main

import (
	"context"
	"log"

	"golang.org/x/sys/windows/svc"
)

// runUntilStopped runs as a service if that is how the program was started. A program that kube-log-runner has started
// cannot find out, and is told by a flag.
func runUntilStopped(ctx context.Context, o options, serve func(context.Context) error) error {
	isService, err := svc.IsWindowsService()
	if err != nil {
		return err
	}
	if !isService && !o.windowsService {
		return serve(ctx)
	}
	return svc.Run(o.name, service{ctx: ctx, serve: serve})
}

type service struct {
	ctx   context.Context //nolint:containedctx // The service manager calls back without one.
	serve func(context.Context) error
}

func (s service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	ctx, stop := context.WithCancel(s.ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx) }()
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case err := <-ended:
			if err != nil {
				log.Print(err)
				return true, 1
			}
			return false, 0
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				status <- request.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending}
				stop()
			}
		}
	}
}
