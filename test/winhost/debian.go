package winhost

import (
	"context"
	_ "embed" // For the list of packages.
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	// release has Wine 10, which is the first that runs what we need. Older systems cannot install its packages, whose C
	// library is newer: so they are unpacked beside the system.
	release = "trixie"
	// mirror is used where the machine's own configuration has none.
	mirror = "http://deb.debian.org/debian"
)

// packages are what Wine needs, one a line. Nothing would display its windows; but without the client libraries of X11
// and Wayland, Wine 10 starts its desktop again and again.
//
//go:embed packages.txt
var packages string

// downloadPackages unpacks the packages into a folder. The machine's own list of packages, and what it has installed,
// stay as they are: apt works below another folder.
func downloadPackages(ctx context.Context, root string, log io.Writer) error {
	work, err := os.MkdirTemp("", "winhost-apt-")
	if err != nil {
		return fmt.Errorf("making a folder for apt: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }() // What stays is in the folder for temporary files.
	config, err := configureApt(ctx, work)
	if err != nil {
		return fmt.Errorf("configuring apt: %w", err)
	}
	names := strings.Fields(packages)
	say(log, "downloading %d packages of Debian %s, 200 MB, once", len(names), release)
	if err := apt(ctx, work, config, "update", "-qq"); err != nil {
		return &UnavailableError{"Debian's packages cannot be listed: " + err.Error(), "see that apt-get update works"}
	}
	downloads := filepath.Join(work, "downloads")
	if err := os.Mkdir(downloads, 0o700); err != nil {
		return fmt.Errorf("making a folder for packages: %w", err)
	}
	if err := apt(ctx, downloads, config, append([]string{"download", "-qq"}, names...)...); err != nil {
		return &UnavailableError{"Wine cannot be downloaded: " + err.Error(), "see that apt-get can download"}
	}
	files, err := filepath.Glob(filepath.Join(downloads, "*.deb"))
	if err != nil {
		return fmt.Errorf("listing packages: %w", err)
	}
	say(log, "unpacking them")
	for _, file := range files {
		if err := run(ctx, "dpkg", "--extract", file, root); err != nil {
			return fmt.Errorf("unpacking %s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

// configureApt makes apt's folders below another, and returns its configuration file.
func configureApt(ctx context.Context, work string) (string, error) {
	for _, folder := range []string{"etc/preferences.d", "state/lists/partial", "cache/archives/partial", "log"} {
		if err := os.MkdirAll(filepath.Join(work, folder), 0o700); err != nil {
			return "", err
		}
	}
	files := map[string]string{
		"etc/sources.list": fmt.Sprintf("deb [signed-by=%s] %s %s main\n", debianKeys, findMirror(ctx), release),
		"status":           "",
		"apt.conf": strings.Join([]string{
			`Dir::Etc "` + work + `/etc";`,
			`Dir::Etc::sourcelist "` + work + `/etc/sources.list";`,
			`Dir::Etc::sourceparts "/dev/null";`,
			`Dir::Etc::parts "/dev/null";`,
			`Dir::State "` + work + `/state";`,
			`Dir::State::status "` + work + `/status";`,
			`Dir::Cache "` + work + `/cache";`,
			`Dir::Log "` + work + `/log";`,
			`APT::Sandbox::User "root";`, // The folders are ours alone.
			`Acquire::Languages "none";`,
			`Acquire::Retries "3";`,
		}, "\n"),
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(work, name), []byte(content), 0o600); err != nil {
			return "", err
		}
	}
	return filepath.Join(work, "apt.conf"), nil
}

// findMirror returns where this machine downloads Debian's packages from.
func findMirror(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages").Output()
	if err != nil {
		return mirror
	}
	for uri := range strings.Lines(string(out)) {
		if uri = strings.TrimSpace(uri); strings.HasSuffix(strings.TrimRight(uri, "/"), "/debian") {
			return uri
		}
	}
	return mirror
}

func apt(ctx context.Context, folder, config string, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "APT_CONFIG="+config)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w: %s", args[0], err, tail(string(out)))
	}
	return nil
}
