package winhost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ballast fills the disk from outside of drive C, where nobody finds it.
func (h *Host) ballast() string { return filepath.Join(h.chassis.disk, "ballast") }

// FillDisk leaves so many bytes of drive C free. The host must have been started with Options.DiskBytes.
func (h *Host) FillDisk(leave int64) error {
	if h.options.DiskBytes == 0 {
		return errors.New("filling the disk: the host was started without Options.DiskBytes, on the disk of this machine")
	}
	if err := h.FreeDisk(); err != nil {
		return err
	}
	file, err := os.OpenFile(h.ballast(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("filling the disk: %w", err)
	}
	defer func() { _ = file.Close() }() // What matters is the space that it takes.
	free, err := h.freeBytes()
	if err != nil {
		return err
	}
	if free <= leave {
		return nil
	}
	if err := unix.Fallocate(int(file.Fd()), 0, 0, free-leave); err != nil {
		return fmt.Errorf("filling the disk: %w", err)
	}
	return nil
}

// FreeDisk ends FillDisk.
func (h *Host) FreeDisk() error {
	if err := os.Remove(h.ballast()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("freeing the disk: %w", err)
	}
	return nil
}

func (h *Host) freeBytes() (int64, error) {
	var status unix.Statfs_t
	if err := unix.Statfs(h.chassis.disk, &status); err != nil {
		return 0, fmt.Errorf("asking how full the disk is: %w", err)
	}
	return int64(status.Bavail) * status.Bsize, nil
}
