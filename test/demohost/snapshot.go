package demohost

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

// snapshot is everything on a host that has a name, and a word on what it is.
type snapshot map[string]string

// keys of the registry that are part of a snapshot: services, and the machine's environment.
func registryKeys() []string {
	return []string{
		`HKLM\System\CurrentControlSet\Services`,
		`HKLM\System\CurrentControlSet\Control\Session Manager\Environment`,
	}
}

// volatile is what changes on a host by itself: Windows' temporary files, and the messages of whoever runs the host.
func volatile(path string) bool {
	for _, prefix := range []string{`C:\Windows\Temp`, guest.Folder} {
		if path := strings.ToLower(path); path == strings.ToLower(prefix) || strings.HasPrefix(path, strings.ToLower(prefix)+`\`) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(path), `\appdata\local\temp\`)
}

// snapshot reads the host's disk past Windows, and its registry as Windows shows it.
func (h *host) snapshot(ctx context.Context) (snapshot, error) {
	all := snapshot{}
	disk, err := h.Path(`C:\`)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(disk, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(disk, path)
		if err != nil {
			return err
		}
		windows := `C:\` + strings.ReplaceAll(relative, "/", `\`)
		if volatile(windows) {
			return nil
		}
		all["path "+windows], err = describe(path, entry)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the host's disk: %w", err)
	}
	for _, key := range registryKeys() {
		result, err := h.Exec(ctx, `reg.exe query "`+key+`" /s`)
		if err == nil && result.ExitCode != 0 {
			err = errors.New(result.Stderr)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the host's registry: %w", err)
		}
		all.addRegistry(result.Stdout)
	}
	return all, nil
}

func describe(path string, entry fs.DirEntry) (string, error) {
	if !entry.Type().IsRegular() {
		return entry.Type().String(), nil
	}
	file, err := os.Open(path) //nolint:gosec // Of the host.
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return "sha256:" + hex.EncodeToString(hash.Sum(nil)), err
}

// addRegistry adds what reg.exe prints: a key on a line of its own, its values indented below.
func (s snapshot) addRegistry(text string) {
	key := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		value, indented := strings.CutPrefix(line, "    ")
		switch {
		case line == "":
		case indented:
			name, rest, _ := strings.Cut(value, "    ")
			s["value "+key+`\`+name] = rest
		default:
			key = line
			s["key "+key] = ""
		}
	}
}

// compare is an error that has all differences.
func (s snapshot) compare(after snapshot) error {
	var differences []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		switch now, there := after[name]; {
		case !there:
			differences = append(differences, name+" is not there any more")
		case now != s[name]:
			differences = append(differences, fmt.Sprintf("%s was %s, and is %s", name, s[name], now))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, there := s[name]; !there {
			differences = append(differences, name+" was not there before")
		}
	}
	if len(differences) == 0 {
		return nil
	}
	return fmt.Errorf("it is not what it was before:\n  %s", strings.Join(differences, "\n  "))
}
