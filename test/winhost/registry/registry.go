// Package registry reads and extends the files in which Wine keeps a Windows registry, while nobody uses them.
// On a running host they are behind: what programs wrote is saved twice a minute, and when the host is shut
// down.
package registry

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Values are the values of a key by name: strings, uint32, []string, or []byte for every other type.
type Values map[string]any

// Key is a key with values to set.
type Key struct {
	// Path begins with HKLM\ or HKCU\.
	Path   string
	Values Values
}

// file finds the file of a key in a prefix, and the key's path in it.
func file(prefix, path string) (name, key string, err error) {
	hive, key, _ := strings.Cut(path, `\`)
	switch strings.ToUpper(hive) {
	case "HKLM":
		name = "system.reg"
	case "HKCU":
		name = "user.reg"
	default:
		return "", "", fmt.Errorf("registry key %s is neither below HKLM nor HKCU", path)
	}
	// CurrentControlSet is a link, which the file does not follow.
	const link, target = `system\currentcontrolset\`, `System\ControlSet001\`
	if len(key) >= len(link) && strings.EqualFold(key[:len(link)], link) {
		key = target + key[len(link):]
	}
	return filepath.Join(prefix, name), key, nil
}

// Read returns the values of a key of a prefix as they are saved, and whether there is such a key.
func Read(prefix, path string) (Values, bool, error) {
	name, key, err := file(prefix, path)
	if err != nil {
		return nil, false, err
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, false, fmt.Errorf("reading the registry: %w", err)
	}
	values, found, err := parse(string(content), key)
	if err != nil {
		return nil, false, fmt.Errorf("reading %s: %w", name, err)
	}
	return values, found, nil
}

// Set sets values in a prefix that nobody uses. Wine reads a key that a file has several times as if it stood
// there once, and the last value wins: so it is enough to append.
func Set(prefix string, keys ...Key) error {
	for _, k := range keys {
		name, key, err := file(prefix, k.Path)
		if err != nil {
			return err
		}
		section, err := format(key, k.Values)
		if err != nil {
			return fmt.Errorf("setting registry key %s: %w", k.Path, err)
		}
		if err := appendTo(name, section); err != nil {
			return fmt.Errorf("setting registry key %s: %w", k.Path, err)
		}
	}
	return nil
}

func appendTo(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close() // The error to report is the one above.
		return err
	}
	return f.Close()
}
