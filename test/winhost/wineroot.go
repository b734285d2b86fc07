package winhost

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Paths in the Wine root.
const (
	// wineDLLs has Wine's DLLs and programs for Windows.
	wineDLLs = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows"
	// wineLibraries has what they call.
	wineLibraries = "/usr/lib/x86_64-linux-gnu/wine/x86_64-unix"
	// hostFolder is where a host's folder is mounted.
	hostFolder = "/host"
	// programFolder is where our programs are mounted.
	programFolder = "/opt/winhost"
)

// buildRoot makes a small Debian that Wine runs in.
func buildRoot(ctx context.Context, root string, log io.Writer) error {
	if err := downloadPackages(ctx, root, log); err != nil {
		return err
	}
	if err := run(ctx, "chroot", root, "/sbin/ldconfig"); err != nil {
		return fmt.Errorf("preparing the Wine root: %w", err)
	}
	if err := writeRootFiles(root); err != nil {
		return fmt.Errorf("preparing the Wine root: %w", err)
	}
	if err := adoptZlib(root); err != nil {
		return fmt.Errorf("preparing zlib1.dll: %w", err)
	}
	if err := hideIPv6Routes(root); err != nil {
		return fmt.Errorf("preparing Wine's network: %w", err)
	}
	for _, folder := range []string{"doc", "man", "locale"} {
		if err := os.RemoveAll(filepath.Join(root, "usr/share", folder)); err != nil {
			return fmt.Errorf("removing what is not needed: %w", err)
		}
	}
	return nil
}

func writeRootFiles(root string) error {
	for _, folder := range []string{hostFolder, programFolder, "/usr/local/bin", "/proc", "/sys", "/dev", "/tmp"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			return err
		}
	}
	files := map[string]string{
		// The first name for root is what Windows calls the user.
		"/etc/passwd":        "Administrator:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
		"/etc/group":         "root:x:0:\n",
		"/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
		"/etc/hosts":         "127.0.0.1 localhost\n",
		"/etc/resolv.conf":   "",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	// Wine finds its parts from where it is: through a link it would not.
	const start = "#!/bin/sh\nexec /usr/lib/wine/wine64 \"$@\"\n"
	if err := os.WriteFile(filepath.Join(root, "/usr/local/bin/wine"), []byte(start), 0o755); err != nil {
		return err
	}
	return os.Symlink("/usr/lib/wine/wineserver64", filepath.Join(root, "/usr/local/bin/wineserver"))
}

// adoptZlib does what the package would do as it is installed: it makes the DLL one of Wine's own.
func adoptZlib(root string) error {
	dll, err := os.ReadFile(filepath.Join(root, "/usr/x86_64-w64-mingw32/lib/zlib1.dll"))
	if err != nil {
		return err
	}
	if err := setBuiltin(dll, true); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, wineDLLs, "zlib1.dll"), dll, 0o644)
}

// hideIPv6Routes makes Wine read the list of IPv6 routes from an empty file. The default route to nowhere that Linux has
// without IPv6 makes it fail to list network adapters.
func hideIPv6Routes(root string) error {
	const library, routes, nothing = "nsiproxy.so", "/proc/net/ipv6_route", "/etc/wine/ipv6_route"
	path := filepath.Join(root, wineLibraries, library)
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(content, []byte(routes+"\x00")) {
		return fmt.Errorf("%s does not read %s: is this another Wine?", library, routes)
	}
	content = bytes.ReplaceAll(content, []byte(routes+"\x00"), []byte(nothing+"\x00"))
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(root, filepath.Dir(nothing)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, nothing), nil, 0o644)
}
