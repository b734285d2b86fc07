package winhost

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mullion-dev/mullion/test/winhost/guest"
	"github.com/mullion-dev/mullion/test/winhost/registry"
)

// Path is where this process finds a file of the host, which need not exist: whatever exists of the path is found
// without regard to case, as on Windows.
func (h *Host) Path(windows string) (string, error) {
	rest, ok := strings.CutPrefix(strings.ReplaceAll(windows, "/", `\`), `C:\`)
	if !ok {
		return "", fmt.Errorf("path %q does not begin with C:\\", windows)
	}
	path := filepath.Join(h.chassis.disk, "drive_c")
	for name := range strings.SplitSeq(rest, `\`) {
		path = filepath.Join(path, actualName(path, name))
	}
	return path, nil
}

func actualName(folder, name string) string {
	if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
		return name
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return name
	}
	for _, entry := range entries {
		if strings.EqualFold(entry.Name(), name) {
			return entry.Name()
		}
	}
	return name
}

// ReadFile reads a file of the host past Windows: it works when the host is off.
func (h *Host) ReadFile(windows string) ([]byte, error) {
	path, err := h.Path(windows)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s of the host: %w", windows, err)
	}
	return content, nil
}

// WriteFile replaces a file of the host past Windows, in one go, and makes its folders.
func (h *Host) WriteFile(windows string, content []byte) error {
	path, err := h.Path(windows)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the folder of %s on the host: %w", windows, err)
	}
	unfinished := path + ".unfinished"
	if err := os.WriteFile(unfinished, content, 0o644); err != nil {
		return fmt.Errorf("writing %s of the host: %w", windows, err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("writing %s of the host: %w", windows, err)
	}
	return nil
}

// RegistryOnDisk returns the values of a key, for example HKLM\Software\x, and whether it exists, as the registry is
// on the disk: what a host that lost its power now would find. While a host is on, that is up to half a minute old.
func (h *Host) RegistryOnDisk(key string) (registry.Values, bool, error) {
	return registry.Read(h.chassis.disk, key)
}

// Logs are what Wine, and the programs that make the host what it is, have written, by name.
func (h *Host) Logs() (map[string]string, error) {
	folder, err := h.Path(guest.LogFolder)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.log"))
	if err != nil {
		return nil, err
	}
	logs := map[string]string{}
	for _, file := range append(files, h.wineLog()) {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the logs of the host: %w", err)
		}
		logs[strings.TrimSuffix(filepath.Base(file), ".log")] = string(content)
	}
	return logs, nil
}

func (h *Host) wineLog() string { return filepath.Join(h.chassis.folder, "wine.log") }
