package winhost

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// tools are the programs that Wine has in name only, and where Windows has them below system32.
func tools() map[string]string {
	return map[string]string{
		"certutil": "certutil.exe", "dism": "dism.exe", "icacls": "icacls.exe", "netsh": "netsh.exe",
		"powershell": `WindowsPowerShell\v1.0\powershell.exe`, "setx": "setx.exe",
	}
}

// Script says what a tool of the host does from now on: certutil, dism, icacls, netsh, powershell or setx. A call for
// which there is no rule fails with exit code 1, as every call of a tool without rules does.
func (h *Host) Script(tool string, rules ...guest.Rule) error {
	if _, known := tools()[tool]; !known {
		return fmt.Errorf("scripting %q: the host has no such stand-in", tool)
	}
	content, err := json.Marshal(guest.Script{Rules: rules})
	if err != nil {
		return fmt.Errorf("scripting %s: %w", tool, err)
	}
	return h.WriteFile(guest.ScriptFolder+`\`+tool+".json", content)
}

// Calls returns how a tool has been called, the first call first.
func (h *Host) Calls(tool string) ([]guest.Call, error) {
	folder, err := h.Path(guest.CallFolder)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading calls of %s: %w", tool, err)
	}
	var calls []guest.Call
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading calls of %s: %w", tool, err)
		}
		var call guest.Call
		if err := json.Unmarshal(content, &call); err != nil {
			return nil, fmt.Errorf("reading calls of %s: %w", tool, err)
		}
		if call.Tool == tool {
			calls = append(calls, call)
		}
	}
	slices.SortStableFunc(calls, func(a, b guest.Call) int { return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano()) })
	return calls, nil
}
