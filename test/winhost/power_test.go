package winhost_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/test/winhost"
)

const bootID = `reg query "HKLM\System\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters" /v BootId`

func TestARebootKeepsEverythingAndHasANewBootID(t *testing.T) {
	host := start(t, winhost.Options{})
	output(t, host, `reg add HKLM\Software\Mullion /v Kept /d yes`)
	output(t, host, `echo kept> C:\kept.txt`)
	address, before := host.Address(), output(t, host, bootID)
	if err := host.Reboot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if host.Address() != address {
		t.Error("the address changed")
	}
	if after := output(t, host, bootID); after == before {
		t.Errorf("the boot ID is still %s", before)
	}
	if got := output(t, host, `reg query HKLM\Software\Mullion /v Kept`); !strings.Contains(got, "yes") {
		t.Errorf("the registry has %q", got)
	}
	if got := output(t, host, `type C:\kept.txt`); got != "kept\n" {
		t.Errorf("the file has %q", got)
	}
}

func TestWhoAsksForARebootLosesTheExitStatusAndFindsTheHostAgain(t *testing.T) {
	host := start(t, winhost.Options{})
	_, err := host.Exec(testContext(t), "shutdown.exe /r /t 0")
	var missing *ssh.ExitMissingError
	if !errors.As(err, &missing) {
		t.Errorf("got %v, want no exit status", err)
	}
	if err := host.WaitForBoot(testContext(t), 2); err != nil {
		t.Fatal(err)
	}
	output(t, host, "ver")
	if host.Boots() != 2 {
		t.Errorf("booted %d times", host.Boots())
	}
}

func TestAShutdownCanBePutOffAndCalledOff(t *testing.T) {
	host := start(t, winhost.Options{})
	output(t, host, "shutdown.exe /r /t 600 /c later")
	output(t, host, "shutdown.exe -a")
	if result, err := host.Exec(testContext(t), "shutdown.exe /a"); err != nil || result.ExitCode == 0 {
		t.Errorf("called off twice: %+v, %v", result, err)
	}
	if result, err := host.Exec(testContext(t), "shutdown.exe /x"); err != nil || result.ExitCode == 0 {
		t.Errorf("an unknown option: %+v, %v", result, err)
	}
	if _, err := host.Exec(testContext(t), "shutdown.exe /s /t 0"); err == nil {
		t.Error("the host shut down and told the exit status")
	}
	eventually(t, "the host is off", func() bool { return !host.On() })
	if err := host.Boot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if err := host.Boot(testContext(t)); err == nil {
		t.Error("a host that was on was booted")
	}
	host.Shutdown()
	host.Shutdown()
	if err := host.Reboot(testContext(t)); err == nil {
		t.Error("a host that was off was rebooted")
	}
}

func TestAPowerCutLosesWhatTheRegistryHasNotSavedAndNoFile(t *testing.T) {
	host := start(t, winhost.Options{})
	output(t, host, `reg add HKLM\Software\Mullion /v Saved /d yes`)
	if err := host.Reboot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	output(t, host, `reg add HKLM\Software\Mullion /v Lost /d yes`)
	output(t, host, `echo kept> C:\kept.txt`)
	client := dial(t, host)
	host.PowerCut()

	values, found, err := host.RegistryOnDisk(`HKLM\Software\Mullion`)
	if err != nil || !found || values["Saved"] != "yes" || values["Lost"] != nil {
		t.Errorf("on the disk: %v, %v, %v", values, found, err)
	}
	if err := host.Boot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got := output(t, host, `reg query HKLM\Software\Mullion`); !strings.Contains(got, "Saved") || strings.Contains(got, "Lost") {
		t.Errorf("the registry has %q", got)
	}
	if got := output(t, host, `type C:\kept.txt`); got != "kept\n" {
		t.Errorf("the file has %q", got)
	}
	if err := client.Wait(); err == nil {
		t.Error("a connection outlived the power cut")
	}
}

func TestAHostIsRenamedByAReboot(t *testing.T) {
	host := start(t, winhost.Options{Hostname: "before"})
	output(t, host, `reg add HKLM\System\CurrentControlSet\Control\ComputerName\ComputerName /v ComputerName /d after /f`)
	if got := output(t, host, "hostname"); !strings.EqualFold(got, "before\n") {
		t.Errorf("before the reboot it is %q", got)
	}
	if err := host.Reboot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got := output(t, host, "hostname"); !strings.EqualFold(got, "after\n") {
		t.Errorf("after the reboot it is %q", got)
	}
}

func TestTheClockOfAHostMayBeWrong(t *testing.T) {
	host := startWithProbe(t, winhost.Options{ClockSkew: time.Hour})
	got := ask[time.Time](t, host, "time")
	if ahead := time.Until(got); ahead < 55*time.Minute || ahead > time.Hour+time.Minute {
		t.Errorf("the clock is ahead by %s", ahead)
	}
}

// processesOn counts the processes of this machine that belong to a host.
func processesOn(t *testing.T, ip string) int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		// A process may end while we look.
		if line, err := os.ReadFile(file); err == nil && strings.Contains(string(line), ip) {
			count++
		}
	}
	return count
}

// mountsBelow counts the processes of this machine that have something of a folder mounted. A process that dies closes its
// files before it leaves its mounts: when there is none left, nobody writes into the folder any more.
func mountsBelow(t *testing.T, folder string) int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	// The folder's own file system may be mounted elsewhere than at the root.
	below := filepath.Join(filepath.Base(filepath.Dir(folder)), filepath.Base(folder))
	count := 0
	for _, file := range files {
		if mounts, err := os.ReadFile(file); err == nil && strings.Contains(string(mounts), below) {
			count++
		}
	}
	return count
}

func TestCloseLeavesNothing(t *testing.T) {
	host := start(t, winhost.Options{})
	path, err := host.Path(`C:\`)
	if err != nil {
		t.Fatal(err)
	}
	if processesOn(t, host.IP()) == 0 {
		t.Fatal("the SSH server of a host that runs is not found")
	}
	if err := host.Close(); err != nil {
		t.Fatal(err)
	}
	if got := processesOn(t, host.IP()); got != 0 {
		t.Errorf("%d processes are left", got)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the disk is left: %v", err)
	}
	if err := host.Boot(testContext(t)); err == nil {
		t.Error("a host that was closed booted")
	}
	if err := host.Close(); err != nil {
		t.Errorf("closing it again: %v", err)
	}
}

func TestAHostDiesWithWhoeverStartedIt(t *testing.T) {
	start(t, winhost.Options{}) // Or skips.
	folder := t.TempDir()
	parent := exec.CommandContext(testContext(t), os.Args[0])
	parent.Env = append(os.Environ(), orphanVariable+"=1", "TMPDIR="+folder)
	out, err := parent.Output()
	if err != nil {
		t.Fatal(err)
	}
	ip := strings.TrimSpace(string(out))
	if ip == "" {
		t.Fatal("no host was started")
	}
	eventually(t, "nothing of the host is left", func() bool {
		return processesOn(t, ip) == 0 && mountsBelow(t, folder) == 0
	})
}

func TestAHostEndsAfterItsLifetime(t *testing.T) {
	host := start(t, winhost.Options{Lifetime: time.Minute})
	if !host.On() {
		t.Fatal("the host is off")
	}
	short, err := winhost.Start(testContext(t), winhost.Options{Lifetime: time.Millisecond})
	if err == nil {
		_ = short.Close()
		t.Error("a host was started that had no time to live")
	}
}
