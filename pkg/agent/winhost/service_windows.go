package winhost

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows/svc"
)

// RunService runs as a service until it is told to stop, which ends the context. The function gets the name that the
// service was installed under. If it returns an error, the process ends without a word to the service control manager:
// that counts as a crash, after which recovery actions are taken however they are configured.
func RunService(name string, run func(ctx context.Context, name string) error) error {
	isService, err := svc.IsWindowsService()
	if err != nil {
		return failed(err, "finding out whether this is a service")
	}
	if !isService {
		return errors.New("this is not a service: install one that runs it, and start that")
	}
	if err := svc.Run(name, handler{run}); err != nil {
		return failed(err, "running as a service")
	}
	return nil
}

type handler struct {
	run func(ctx context.Context, name string) error
}

// Execute gets the name of the service as its first argument.
func (h handler) Execute(args []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- h.run(ctx, args[0]) }()
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				status <- request.CurrentStatus
			case svc.Stop, svc.Shutdown:
				cancel()
				return false, waitForEnd(ended, status)
			}
		case err := <-ended:
			if err != nil {
				os.Exit(1)
			}
			return false, 0
		}
	}
}

// waitForEnd shows progress while something ends that cannot be interrupted, such as the installation of a feature:
// without it, the service control manager would take the service for hung.
func waitForEnd(ended <-chan error, status chan<- svc.Status) uint32 {
	const hint = 10 * time.Second
	ticker := time.NewTicker(hint / 4)
	defer ticker.Stop()
	for checkpoint := uint32(1); ; checkpoint++ {
		status <- svc.Status{State: svc.StopPending, CheckPoint: checkpoint, WaitHint: uint32(hint.Milliseconds())}
		select {
		case err := <-ended:
			if err != nil {
				return 1
			}
			return 0
		case <-ticker.C:
		}
	}
}
