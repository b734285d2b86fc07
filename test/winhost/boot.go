package winhost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/test/winhost/guest"
	"github.com/mullion-dev/mullion/test/winhost/registry"
)

const (
	// shutdownTimeout bounds an orderly shutdown, which takes a fraction of a second.
	shutdownTimeout = 20 * time.Second
	// pollInterval is short beside a boot and long beside a look at a file.
	pollInterval = 25 * time.Millisecond
)

// boot is the time from power on to power off.
type boot struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended chan struct{}
}

// bootScript is the first process of the host, and ends with it. A line on standard input shuts the host down; the end
// of the input, which is the death of whoever runs the host, kills it.
const bootScript = `
exec 3<&0
cd "$WINEPREFIX/drive_c"
wine '` + anchorProgram + `' </dev/null 3<&- &
anchor=$!
{ if read -r order <&3; then wineserver -k; else kill -KILL -1; fi; } &
wait $anchor
wineserver -k
wineserver -w
`

// bootIDKey is where Windows counts its boots.
const bootIDKey = `HKLM\System\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters`

// switchOn starts a boot. The caller holds h.power.
func (h *Host) switchOn() error {
	if h.current != nil {
		return errors.New("it is on already")
	}
	if err := context.Cause(h.life); err != nil {
		return err
	}
	hostname, err := h.prepareDisk()
	if err != nil {
		return err
	}
	b, err := h.startBoot(hostname)
	if err != nil {
		return err
	}
	h.boots++
	h.current, h.stale = b, true
	h.wire()
	h.running.Go(func() { h.supervise(b) })
	h.log("boots, for the %d. time", h.boots)
	return nil
}

// prepareDisk does what a boot changes, and returns the computer's name: a new one is in force after a boot.
func (h *Host) prepareDisk() (hostname string, err error) {
	for _, name := range []string{guest.ShutdownFile, guest.SSHAddressFile} {
		path, err := h.Path(name)
		if err != nil {
			return "", err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	id, _, err := h.RegistryOnDisk(bootIDKey)
	if err != nil {
		return "", err
	}
	last, _ := id["BootId"].(uint32)
	if err := registry.Set(h.chassis.disk, registry.Key{Path: bootIDKey, Values: registry.Values{"BootId": last + 1}}); err != nil {
		return "", err
	}
	computer, _, err := h.RegistryOnDisk(`HKLM\System\CurrentControlSet\Control\ComputerName\ComputerName`)
	if err != nil {
		return "", err
	}
	hostname, ok := computer["ComputerName"].(string)
	if !ok {
		hostname = h.options.Hostname
	}
	return hostname, nil
}

func (h *Host) startBoot(hostname string) (*boot, error) {
	env := []string{overrides()}
	if skew := h.options.ClockSkew; skew != 0 {
		env = append(env, "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
			fmt.Sprintf("FAKETIME=%+ds", int(skew/time.Second)))
	}
	cmd := h.chassis.command(hostname, bootScript, env...)
	log, err := os.OpenFile(h.wineLog(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // The host has its own descriptor.
	cmd.Stdout, cmd.Stderr = log, log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &boot{cmd: cmd, stdin: stdin, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // However it ended, the host is off.
		close(b.ended)
	}()
	return b, nil
}

// supervise watches a boot to its end, and carries out the shutdowns that somebody asks for on the host.
func (h *Host) supervise(b *boot) {
	ticker := time.NewTicker(2 * pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-b.ended:
			h.noticeEnd(b)
			return
		case <-ticker.C:
			request, asked := h.shutdownRequest()
			if !asked || time.Now().Before(request.At.Add(-h.options.ClockSkew)) {
				continue
			}
			h.log("was told to shut down; to restart: %t", request.Restart)
			if h.shutDown(b) && request.Restart {
				h.restart()
			}
			return
		}
	}
}

func (h *Host) shutdownRequest() (guest.Shutdown, bool) {
	content, err := h.ReadFile(guest.ShutdownFile)
	if err != nil {
		return guest.Shutdown{}, false
	}
	var request guest.Shutdown
	if err := json.Unmarshal(content, &request); err != nil {
		h.log("was told to shut down in words that make no sense: %v", err)
		return guest.Shutdown{}, false
	}
	return request, true
}

func (h *Host) noticeEnd(b *boot) {
	h.power.Lock()
	defer h.power.Unlock()
	if h.current != b {
		return
	}
	h.log("is off, and nobody asked for it: see the log named wine")
	h.current = nil
	h.wire()
}

// shutDown ends a boot in order. It is false when the boot had ended.
func (h *Host) shutDown(b *boot) bool {
	h.power.Lock()
	defer h.power.Unlock()
	if h.current != b {
		return false
	}
	_, _ = io.WriteString(b.stdin, "off\n") // If nobody reads it, the host is killed.
	select {
	case <-b.ended:
	case <-time.After(shutdownTimeout):
		h.log("did not shut down within %s and is killed", shutdownTimeout)
		b.kill()
	}
	if !h.unplugged {
		h.link.Reset() // A host closes its connections as it shuts down.
	}
	h.current = nil
	h.wire()
	return true
}

// restart boots again after a while, unless somebody else has, or the host is closed.
func (h *Host) restart() {
	timer := time.NewTimer(h.options.BootDelay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.life.Done():
		return
	}
	h.power.Lock()
	defer h.power.Unlock()
	if h.current != nil {
		return
	}
	if err := h.switchOn(); err != nil {
		h.log("did not restart: %v", err)
	}
}

// kill takes the power away. It returns when no process is left.
func (b *boot) kill() {
	_ = b.cmd.Process.Kill() // It may just have ended.
	<-b.ended
}

// dialServer connects to the SSH server past the link.
func (h *Host) dialServer(ctx context.Context) (net.Conn, error) {
	address, err := h.ReadFile(guest.SSHAddressFile)
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", string(address))
}

// answers tells whether the SSH server speaks.
func (h *Host) answers(ctx context.Context) bool {
	connection, err := h.dialServer(ctx)
	if err != nil {
		return false
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	const greeting = "SSH-"
	said := make([]byte, len(greeting))
	_, err = io.ReadFull(connection, said)
	return err == nil && strings.HasPrefix(string(said), greeting)
}
