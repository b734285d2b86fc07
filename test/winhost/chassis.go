package winhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// chassis is a host that has no power: its disk and its mounts, held by a process that does nothing else. The process
// ends when its standard input does, so none outlives the process that made it.
type chassis struct {
	installation *Installation
	// folder has what belongs to the host, and is hostFolder for those who run on it.
	folder string
	// disk is the Wine prefix, as this process sees it.
	disk  string
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{}
}

// mountScript puts together what programs on the host see. Nothing of it shows outside.
const mountScript = `
set -e
folder=$1 root=$2 programs=$3 template=$4 size=$5
mkdir -p "$folder/disk" "$folder/home"
if [ "$size" != 0 ]; then mount -t tmpfs -o size="$size" disk "$folder/disk"; fi
if [ -d "$template" ]; then cp -a --reflink=auto "$template/." "$folder/disk"; fi
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t tmpfs tmp "$root/tmp"
mount --rbind "$folder" "$root` + hostFolder + `"
mount --bind -o ro "$programs" "$root` + programFolder + `"
echo ready
exec cat
`

// newChassis makes a host's hardware in a folder. Its disk is a copy of the template, unless that does not exist; of
// size bytes in memory, or without limit on the machine's disk when size is 0.
func newChassis(ctx context.Context, in *Installation, folder, template string, size int64) (*chassis, error) {
	cmd := exec.Command("unshare", "--mount", "--uts", "--propagation", "private", //nolint:noctx // Its life is not one context's.
		"sh", "-c", mountScript, "chassis", folder, in.root, in.programs, template, strconv.FormatInt(size, 10))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // An interrupt from the terminal is for us.
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making a host: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making a host: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("making a host: %w", err)
	}
	c := &chassis{installation: in, folder: folder, disk: filepath.Join(folder, "disk"), cmd: cmd, stdin: stdin, ended: make(chan struct{})}
	if size != 0 {
		// Mounted where only that process sees it.
		c.disk = filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "root", c.disk)
	}
	giveUp := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() }) // Copying the disk may take longer than the context.
	said, readErr := io.ReadAll(io.LimitReader(stdout, int64(len("ready\n"))))
	go func() {
		_ = cmd.Wait() // Only Close ends it.
		close(c.ended)
	}()
	if giveUp(); strings.TrimSpace(string(said)) != "ready" {
		c.close()
		return nil, fmt.Errorf("making a host: %w: %s", errors.Join(context.Cause(ctx), readErr), tail(stderr.String()))
	}
	return c, nil
}

// close ends it, and returns when its mounts are gone.
func (c *chassis) close() {
	_ = c.stdin.Close()
	select {
	case <-c.ended:
	case <-time.After(5 * time.Second): // It has nothing to do but to end.
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}

// command returns a command that runs a shell script in the Wine root as the first process of a process namespace: when
// it is killed, everything that it has started is, before Wait returns. What it needs of the environment are the
// variables that are given.
func (c *chassis) command(hostname, script string, env ...string) *exec.Cmd {
	namespaces := filepath.Join("/proc", strconv.Itoa(c.cmd.Process.Pid), "ns")
	// The process list must be that of the namespace, and be gone with it: hence one more mount namespace.
	const enter = `hostname "$1"; root=$2; script=$3; shift 3; mount -t proc proc "$root/proc"
exec chroot "$root" /usr/bin/env -i "$@" /bin/sh -c "$script"`
	args := []string{
		"--mount=" + namespaces + "/mnt", "--uts=" + namespaces + "/uts",
		"unshare", "--mount", "--propagation", "private",
		"sh", "-e", "-c", enter, "host", hostname, c.installation.root, script,
		"PATH=/usr/local/bin:/usr/lib/wine:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + hostFolder + "/home",
		"WINEPREFIX=" + hostFolder + "/disk", "WINEARCH=win64", "WINEDEBUG=-all",
		// There is no desktop: these keep Wine's libraries from complaining about what it lacks.
		"XDG_RUNTIME_DIR=/tmp", "FONTCONFIG_FILE=" + programFolder + "/" + fontsFile,
	}
	cmd := exec.Command("nsenter", append(args, env...)...) //nolint:noctx // Its life is not one context's.
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Setpgid: true}
	return cmd
}

// runToEnd runs a script that ends by itself.
func (c *chassis) runToEnd(ctx context.Context, script string, env ...string) error {
	cmd := c.command("TEMPLATE", script, env...)
	log, err := os.Create(filepath.Join(c.folder, "wine.log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	giveUp := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer giveUp()
	if err := cmd.Wait(); err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%w: %s", errors.Join(err, context.Cause(ctx)), tail(string(said)))
	}
	return nil
}
