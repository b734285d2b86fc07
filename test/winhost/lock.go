package winhost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lock waits until nobody else holds a file's lock, in this process or another, and takes it. The kernel releases it
// when the process dies. Whoever holds it builds for a minute or so: asking a few times a second costs nothing and,
// unlike a blocking flock, ends with the context.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a lock: %w", err)
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			_ = file.Close() // Nothing was written.
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			_ = file.Close() // Nothing was written.
			return nil, fmt.Errorf("waiting for whoever holds %s: %w", path, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}
