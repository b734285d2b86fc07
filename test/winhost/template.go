package winhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/mullion-dev/mullion/test/winhost/registry"
)

// templateTimeout bounds what takes twenty seconds.
const templateTimeout = 3 * time.Minute

// provideTemplate makes the disk of a host that has never been booted.
func (in *Installation) provideTemplate(ctx context.Context, log io.Writer) error {
	if exists(in.template) {
		return nil
	}
	started := time.Now()
	say(log, "installing Windows, once")
	ctx, cancel := context.WithTimeout(ctx, templateTimeout)
	defer cancel()
	err := whole(in.template, func(unfinished string) error {
		work, err := os.MkdirTemp("", "winhost-template-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(work) }() // What stays is in the folder for temporary files.
		if err := in.installWindows(ctx, work); err != nil {
			return fmt.Errorf("installing Windows: %w", err)
		}
		return run(ctx, "cp", "-a", filepath.Join(work, "disk")+"/.", unfinished)
	})
	if err == nil {
		say(log, "Windows is installed after %s", time.Since(started).Round(time.Second))
	}
	return err
}

func (in *Installation) installWindows(ctx context.Context, folder string) error {
	c, err := newChassis(ctx, in, folder, "", 0)
	if err != nil {
		return err
	}
	defer c.close()
	// Without .NET and a browser engine, which nothing here needs.
	err = c.runToEnd(ctx, "set -e; wine wineboot.exe --init; wineserver -k; wineserver -w",
		"WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe=")
	if err != nil {
		return err
	}
	if err := separateFolders(c.disk); err != nil {
		return fmt.Errorf("separating it from this machine: %w", err)
	}
	if err := in.shareFiles(c.disk); err != nil {
		return fmt.Errorf("sharing its files: %w", err)
	}
	return registry.Set(c.disk, everyHost()...)
}

// separateFolders replaces links into this machine's file system.
func separateFolders(disk string) error {
	links, err := filepath.Glob(filepath.Join(disk, "drive_c/users/*/*"))
	if err != nil {
		return err
	}
	for _, path := range links {
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o755)); err != nil {
			return err
		}
	}
	devices, err := filepath.Glob(filepath.Join(disk, "dosdevices/*"))
	if err != nil {
		return err
	}
	for _, device := range devices {
		if filepath.Base(device) != "c:" {
			if err := os.Remove(device); err != nil {
				return err
			}
		}
	}
	return nil
}

// shareFiles replaces what is as in the Wine root by links to there: of 770 MB, 23 remain.
func (in *Installation) shareFiles(disk string) error {
	return filepath.WalkDir(filepath.Join(disk, "drive_c"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		shared := filepath.Join(wineDLLs, entry.Name())
		same, err := sameContent(path, filepath.Join(in.root, shared))
		if err != nil || !same {
			return err
		}
		return errors.Join(os.Remove(path), os.Symlink(shared, path))
	})
}

func sameContent(path, other string) (bool, error) {
	theirs, err := os.ReadFile(other)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	ours, err := os.ReadFile(path)
	return err == nil && bytes.Equal(ours, theirs), err
}

// everyHost is what all hosts have in their registry: Wine says of itself that it is a workstation.
func everyHost() []registry.Key {
	return []registry.Key{
		{Path: `HKLM\Software\Microsoft\Windows NT\CurrentVersion`, Values: registry.Values{
			"CurrentVersion": "6.3", "CurrentMajorVersionNumber": uint32(10), "CurrentMinorVersionNumber": uint32(0),
			"EditionID": "ServerDatacenter", "InstallationType": "Server Core", "CSDVersion": "",
		}},
		{Path: `HKLM\System\CurrentControlSet\Control\ProductOptions`, Values: registry.Values{"ProductType": "ServerNT"}},
		{Path: `HKLM\System\HardwareConfig`, Values: registry.Values{"LastConfig": "{4c4c4544-0042-3410-8047-b4c04f4d5331}"}},
		{Path: `HKLM\Software\Microsoft\Windows\CurrentVersion\Policies\System`, Values: registry.Values{"EnableLUA": uint32(0)}},
	}
}
