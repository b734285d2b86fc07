package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// lockPatience is how long another process may take to record a key. It takes milliseconds: one that takes this long
// has died, and a person has to look.
const lockPatience = 10 * time.Second

// lock makes a file that there can be only one of, on every system that kubectl runs on, and returns what removes it.
func lock(ctx context.Context, file string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		held, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // Beside a file that the user names.
		if err == nil {
			_ = held.Close()
			return func() { _ = os.Remove(file) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("locking: %w", err)
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("locking: %s has been there for %s; if no other kubectl is running, delete it: %w", file, lockPatience, context.Cause(ctx))
		}
	}
}
