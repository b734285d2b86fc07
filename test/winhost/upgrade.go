package winhost

import (
	"context"
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/test/winhost/registry"
)

// Upgrade makes the host one of another build, as an upgrade of Windows in its place does: the host restarts, and keeps
// files, services and settings.
func (h *Host) Upgrade(ctx context.Context, build string) error {
	if _, known := releases()[build]; !known {
		return fmt.Errorf("upgrading: build %q is not known", build)
	}
	b := h.currentBoot()
	if b == nil || !h.shutDown(b) {
		return errors.New("upgrading: the host is off")
	}
	upgraded := Options{Build: build}
	if err := registry.Set(h.chassis.disk, upgraded.version()); err != nil {
		return fmt.Errorf("upgrading: %w", err)
	}
	return h.Boot(ctx)
}
