package guest

import (
	"errors"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

// StartService starts a service as soon as the database of services is not locked, as it is during a boot and while another
// service starts; after a minute it gives up.
func StartService(service *mgr.Service) error {
	const timeout, interval = time.Minute, 50 * time.Millisecond
	deadline := time.Now().Add(timeout)
	for {
		err := service.Start()
		if !errors.Is(err, windows.ERROR_SERVICE_DATABASE_LOCKED) || time.Now().After(deadline) {
			return err
		}
		time.Sleep(interval)
	}
}
