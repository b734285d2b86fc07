package target

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// TrustedHosts is a file of the keys that were trusted on first use: a host and port, the key's type and its fingerprint
// on each line. Several processes may use it at once.
type TrustedHosts struct {
	File string
	// Announce is told, in a sentence, when a key is recorded.
	Announce func(string)
}

var _ hostkey.Recorder = (*TrustedHosts)(nil)

// defaultTrusted is where keys are recorded unless the user says otherwise.
func defaultTrusted() (string, error) {
	directory, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("looking for a place to record host keys: %w; name a file with --trusted-hosts", err)
	}
	return filepath.Join(directory, "mullion", "trusted-hosts"), nil
}

// Recorded implements hostkey.Recorder.
func (t *TrustedHosts) Recorded(_ context.Context, address string) (hostkey.Pin, bool, error) {
	content, err := os.ReadFile(t.File)
	if errors.Is(err, fs.ErrNotExist) {
		return hostkey.Pin{}, false, nil
	}
	if err != nil {
		return hostkey.Pin{}, false, err
	}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for number := 1; lines.Scan(); number++ {
		host, text, found := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if host == "" || strings.HasPrefix(host, "#") {
			continue
		}
		pin, err := hostkey.ParsePin(text)
		if err != nil || !found {
			// Going on as if nothing were recorded would trust whoever answers now.
			return hostkey.Pin{}, false, fmt.Errorf("%s:%d: want a host and port, the type of a key, and SHA256:…", t.File, number)
		}
		if host == address {
			return pin, true, nil
		}
	}
	return hostkey.Pin{}, false, lines.Err()
}

// Record implements hostkey.Recorder. The file is locked meanwhile, and written whole, under another name first.
func (t *TrustedHosts) Record(ctx context.Context, address string, pin hostkey.Pin) error {
	if err := os.MkdirAll(filepath.Dir(t.File), 0o700); err != nil {
		return err
	}
	unlock, err := lock(ctx, t.File+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	switch recorded, found, err := t.Recorded(ctx, address); {
	case err != nil:
		return err
	case found && recorded != pin:
		return fmt.Errorf("another key was recorded meanwhile: %s", recorded)
	case found:
		return nil
	}
	content, err := os.ReadFile(t.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(content) > 0 && !bytes.HasSuffix(content, []byte("\n")) {
		content = append(content, '\n')
	}
	content = fmt.Appendf(content, "%s %s\n", address, pin)
	unfinished := t.File + ".new"
	if err := os.WriteFile(unfinished, content, 0o600); err != nil { //nolint:gosec // The file that the user names.
		return err
	}
	if err := os.Rename(unfinished, t.File); err != nil {
		return err
	}
	t.Announce(fmt.Sprintf("The key of %s is %s. It is recorded in %s, and no other is believed from now on.", address, pin, t.File))
	return nil
}
