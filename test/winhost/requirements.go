package winhost

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	// compiler compiles the C code that a host needs.
	compiler = "x86_64-w64-mingw32-gcc"
	// compilerPackage is the Debian package that has it, and its linker with it.
	compilerPackage = "gcc-mingw-w64-x86-64"
	// debianKeys verify what is downloaded.
	debianKeys = "/usr/share/keyrings/debian-archive-keyring.gpg"
)

// checkMachine finds what no installation makes up for.
func checkMachine(ctx context.Context) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return &UnavailableError{"they need Linux on amd64", "run this on another machine"}
	}
	if os.Geteuid() != 0 {
		return &UnavailableError{"they need root, for a chroot and namespaces", "run this as root, for example in a privileged container"}
	}
	for _, tool := range []string{"unshare", "nsenter", "chroot", "mount", "cp"} {
		if _, err := exec.LookPath(tool); err != nil {
			return &UnavailableError{tool + " is missing", "install util-linux, mount and coreutils"}
		}
	}
	if err := run(ctx, "unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--propagation", "private",
		"sh", "-c", "mount -t tmpfs tmpfs /mnt && hostname winhost"); err != nil {
		return &UnavailableError{"the kernel refuses namespaces and mounts: " + err.Error(), "run the container privileged"}
	}
	return nil
}

// checkDownload finds what is needed to build the Wine root, which a machine that has built it may lack.
func checkDownload() error {
	for _, tool := range []string{"apt-get", "dpkg"} {
		if _, err := exec.LookPath(tool); err != nil {
			return &UnavailableError{tool + " is missing, with which Wine is downloaded", "use Debian"}
		}
	}
	if _, err := os.Stat(debianKeys); err != nil {
		return &UnavailableError{debianKeys + " is missing, which verifies what is downloaded", "apt-get install debian-archive-keyring"}
	}
	return nil
}

// provideCompiler installs the cross compiler where that is wanted and it is missing.
func provideCompiler(ctx context.Context, install bool, log io.Writer) error {
	if _, err := exec.LookPath(compiler); err == nil {
		return nil
	}
	missing := &UnavailableError{
		compiler + " is missing, which compiles what Wine lacks",
		"apt-get install " + compilerPackage + ", or let `make winhost` do it",
	}
	if !install {
		return missing
	}
	say(log, "installing %s: it compiles what Wine lacks", compilerPackage)
	apt := "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qqy --no-install-recommends -o DPkg::Lock::Timeout=300 " + compilerPackage
	if err := run(ctx, "sh", "-c", apt); err != nil {
		missing.Reason += ", and could not be installed: " + err.Error()
		return missing
	}
	return nil
}

// findRoot returns the repository's folder, which has the programs' sources and the cache.
func findRoot(root string) (string, error) {
	if root != "" {
		return filepath.Abs(root)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, sourceFolder, "packages.txt")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("finding the repository: no folder above the working directory has %s", sourceFolder)
		}
		dir = parent
	}
}

// run runs a program of this machine to its end; what it printed is in the error.
func run(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, tail(string(out)))
	}
	return nil
}

// tail is the end of an output, where the reason for a failure stands.
func tail(out string) string {
	const limit = 2000 // bytes
	out = strings.TrimSpace(out)
	return out[max(0, len(out)-limit):]
}

func say(log io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(log, "winhost: "+format+"\n", args...) // Progress that nobody can read is no reason to stop.
}
