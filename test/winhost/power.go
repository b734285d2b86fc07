package winhost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mullion-dev/mullion/test/winhost/link"
)

// Boot switches the host on and returns when it answers to SSH. It is an error if the host is on.
func (h *Host) Boot(ctx context.Context) error {
	h.power.Lock()
	err := h.switchOn()
	number := h.boots
	h.power.Unlock()
	if err != nil {
		return fmt.Errorf("booting: %w", err)
	}
	return h.WaitForBoot(ctx, number)
}

// Boots is how often the host has been switched on.
func (h *Host) Boots() int {
	h.power.Lock()
	defer h.power.Unlock()
	return h.boots
}

// WaitForBoot returns when the host has been switched on so many times and answers to SSH, unplugged or not.
func (h *Host) WaitForBoot(ctx context.Context, number int) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for h.Boots() < number || !h.On() || !h.answers(ctx) {
		if h.Boots() >= number && !h.On() {
			return fmt.Errorf("booting: the host went off: %s", h.wineSays())
		}
		select {
		case <-ticker.C:
		case <-h.life.Done():
			return fmt.Errorf("booting: %w", context.Cause(h.life))
		case <-ctx.Done():
			return fmt.Errorf("booting: the host does not answer: %w: %s", context.Cause(ctx), h.wineSays())
		}
	}
	return nil
}

func (h *Host) wineSays() string {
	log, err := os.ReadFile(h.wineLog())
	if err != nil {
		return err.Error()
	}
	return tail(string(log))
}

// On tells whether the host has power.
func (h *Host) On() bool {
	h.power.Lock()
	defer h.power.Unlock()
	return h.current != nil
}

// Shutdown switches the host off in order: what programs have written to the registry is kept. A host that is off stays
// off.
func (h *Host) Shutdown() {
	if b := h.currentBoot(); b != nil {
		h.shutDown(b)
	}
}

// Reboot shuts the host down and boots it.
func (h *Host) Reboot(ctx context.Context) error {
	b := h.currentBoot()
	if b == nil || !h.shutDown(b) {
		return errors.New("rebooting: the host is off")
	}
	return h.Boot(ctx)
}

// PowerCut takes the power away: every process dies at once, what the registry has not saved is lost, and connections
// hang. Files keep what was written to them, synchronized or not: it is Windows that loses its power, not Linux.
func (h *Host) PowerCut() {
	h.power.Lock()
	defer h.power.Unlock()
	b := h.current
	if b == nil {
		return
	}
	h.log("loses its power")
	h.current = nil
	h.wire() // Before anybody can hear the host die.
	b.kill()
}

// Unplug takes the host off the network. Connections hang; they go on when it is plugged in, as far as both ends have
// the patience.
func (h *Host) Unplug() { h.plug(false) }

// Plug ends Unplug.
func (h *Host) Plug() { h.plug(true) }

func (h *Host) plug(in bool) {
	h.power.Lock()
	defer h.power.Unlock()
	h.unplugged = !in
	h.wire()
}

// SlowLink limits what the host receives, and what it sends, to so many bytes a second, each of which travels for the
// time of latency. 0 is no limit.
func (h *Host) SlowLink(bytesPerSecond int, latency time.Duration) {
	h.link.SetSpeed(link.Speed{BytesPerSecond: bytesPerSecond, Latency: latency})
}

// wire connects the network, or not. The caller holds h.power.
func (h *Host) wire() {
	switch {
	case h.link == nil: // Its making was in vain.
	case h.current == nil || h.unplugged:
		h.link.Unplug()
	default:
		if h.stale {
			h.link.Reset() // The host does not know the connections that it had before it was booted.
			h.stale = false
		}
		h.link.Plug()
	}
}

func (h *Host) currentBoot() *boot {
	h.power.Lock()
	defer h.power.Unlock()
	return h.current
}
