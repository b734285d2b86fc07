package winhost

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/test/winhost/registry"
)

// Options say what a host is. The zero value is Windows Server 2022.
type Options struct {
	// Build is the three-part version: 10.0.17763, 10.0.20348 or 10.0.26100.
	Build string
	// UBR is the fourth part, the update build revision; 0 means a plausible one.
	UBR uint32
	// Hostname is the computer's name, at most 15 characters; empty means one of its own for each host.
	Hostname string
	// Language is the system's language, for example "de-DE"; empty means "en-US". It is what the registry says: texts
	// stay English.
	Language string
	// AuthorizedKeys may log on, beside the key of Host.Key.
	AuthorizedKeys []ssh.PublicKey
	// DefaultShell is what runs the commands of SSH; empty means cmd.exe.
	DefaultShell string
	// HostCertificateAuthority signs the host keys.
	HostCertificateAuthority ssh.Signer
	// Features are those of [Features] that are enabled from the start. The others are on the disk.
	Features []string
	// DiskBytes limits drive C, which is then kept in memory, Windows included: 64 MiB are the least. 0 is no limit.
	DiskBytes int64
	// ClockSkew is how far the host's clock is ahead of ours.
	ClockSkew time.Duration
	// BootDelay is how long a host that restarts is off; 0 means half a second.
	BootDelay time.Duration
	// Lifetime ends a host that nobody has closed; 0 means an hour.
	Lifetime time.Duration
	// Root is the repository's folder. When empty it is searched upwards from the working directory.
	Root string
	// Log receives the progress of a setup, and what happens to the host. Nil discards it.
	Log io.Writer
}

const (
	defaultBuild     = "10.0.20348"
	defaultLanguage  = "en-US"
	defaultBootDelay = 500 * time.Millisecond
	defaultLifetime  = time.Hour
	// minimalDisk leaves room for Windows, which takes 23 MB, and what it writes as it boots.
	minimalDisk = 64 << 20
	// longestHostname is that of a NetBIOS name.
	longestHostname = 15
)

// DefaultShellPowerShell is where Windows has PowerShell.
const DefaultShellPowerShell = `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`

func (o *Options) complete(number uint32) error {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Build == "" {
		o.Build = defaultBuild
	}
	if o.Language == "" {
		o.Language = defaultLanguage
	}
	if o.Hostname == "" {
		o.Hostname = fmt.Sprintf("WIN-%08X", number)
	}
	if o.BootDelay == 0 {
		o.BootDelay = defaultBootDelay
	}
	if o.Lifetime == 0 {
		o.Lifetime = defaultLifetime
	}
	return o.validate()
}

func (o *Options) validate() error {
	if _, known := releases()[o.Build]; !known {
		return fmt.Errorf("build %q is none of %s", o.Build, strings.Join(slices.Sorted(maps.Keys(releases())), ", "))
	}
	if _, known := languages()[o.Language]; !known {
		return fmt.Errorf("language %q is none of %s", o.Language, strings.Join(slices.Sorted(maps.Keys(languages())), ", "))
	}
	for _, feature := range o.Features {
		if !slices.Contains(Features(), feature) {
			return fmt.Errorf("feature %q is none of %s", feature, strings.Join(Features(), ", "))
		}
	}
	if len(o.Hostname) > longestHostname {
		return fmt.Errorf("hostname %q is longer than %d characters", o.Hostname, longestHostname)
	}
	if o.DiskBytes != 0 && o.DiskBytes < minimalDisk {
		return errors.New("a disk of less than 64 MiB does not hold Windows")
	}
	return nil
}

// windowsRelease is what the registry says of a build.
type windowsRelease struct {
	product, display, releaseID string
	revision                    uint32
}

// releases are the builds that a host may have, with the revisions of September 2024's updates.
// Source: https://learn.microsoft.com/windows/release-health/windows-server-release-info
func releases() map[string]windowsRelease {
	return map[string]windowsRelease{
		"10.0.17763": {"Windows Server 2019 Datacenter", "", "1809", 6293},
		"10.0.20348": {"Windows Server 2022 Datacenter", "21H2", "2009", 2700},
		"10.0.26100": {"Windows Server 2025 Datacenter", "24H2", "2009", 1742},
	}
}

// optionalFeatures is where Windows notes which features were selected.
const optionalFeatures = `HKLM\Software\Microsoft\Windows\CurrentVersion\Component Based Servicing\Notifications\OptionalFeatures\`

// Features are the optional features of Windows that hosts have: those that containers need.
func Features() []string { return []string{"Containers", "Microsoft-Hyper-V"} }

// languages are those that a host may have, with their identifiers.
// Source: https://learn.microsoft.com/openspecs/windows_protocols/ms-lcid
func languages() map[string]string {
	return map[string]string{"en-US": "0409", "de-DE": "0407", "fr-FR": "040C", "ja-JP": "0411"}
}

// addressVariable tells programs on a host which address is theirs.
const addressVariable = "WINHOST_ADDRESS"

// registry is what a host's options, and its address, are in its registry.
func (o *Options) registry(address string) []registry.Key {
	language := languages()[o.Language]
	keys := []registry.Key{
		o.version(),
		{Path: `HKLM\System\CurrentControlSet\Control\Nls\Language`, Values: registry.Values{
			"Default": language, "InstallLanguage": language,
		}},
		{Path: `HKLM\System\CurrentControlSet\Control\ComputerName\ComputerName`, Values: registry.Values{
			"ComputerName": o.Hostname,
		}},
		{Path: `HKLM\System\CurrentControlSet\Control\Session Manager\Environment`, Values: registry.Values{
			addressVariable: address,
		}},
	}
	for _, feature := range Features() {
		var enabled uint32
		if slices.Contains(o.Features, feature) {
			enabled = 1
		}
		keys = append(keys, registry.Key{Path: optionalFeatures + feature, Values: registry.Values{"Selection": enabled}})
	}
	if o.DefaultShell != "" {
		keys = append(keys, registry.Key{Path: `HKLM\Software\OpenSSH`, Values: registry.Values{"DefaultShell": o.DefaultShell}})
	}
	return keys
}

// version is what says which Windows it is.
func (o *Options) version() registry.Key {
	release := releases()[o.Build]
	if o.UBR != 0 {
		release.revision = o.UBR
	}
	number := o.Build[strings.LastIndex(o.Build, ".")+1:]
	values := registry.Values{
		"CurrentBuild": number, "CurrentBuildNumber": number, "UBR": release.revision,
		"ProductName": release.product, "ReleaseId": release.releaseID,
	}
	if release.display != "" {
		values["DisplayVersion"] = release.display
	}
	return registry.Key{Path: `HKLM\Software\Microsoft\Windows NT\CurrentVersion`, Values: values}
}
