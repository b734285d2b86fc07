package registry

// Fixture is one entry of a catalog: a repository and tag, and what they name.
type Fixture struct {
	// Name is repository:tag as on mcr.microsoft.com, or on Docker Hub for nginx.
	Name string
	// Manifests are listed by an index, in this order.
	Manifests []Manifest
	// Single stores the only manifest itself, without an index.
	Single bool
	// Nested wraps the index in this many further ones.
	Nested int
}

// Build makes the fixture's content.
func (f Fixture) Build() (Content, error) {
	if f.Single {
		return NewImage(f.Manifests[0])
	}
	index, err := NewIndex(f.Manifests...)
	if err != nil {
		return nil, err
	}
	return Nest(index, f.Nested), nil
}

// Four-part versions of the releases. The builds are real; of the revisions it matters only that they have the
// length and the spread of real ones.
const (
	version1809     = "10.0.17763.6293"
	versionLTSC2022 = "10.0.20348.2700"
	versionLTSC2025 = "10.0.26100.1742"
)

// Catalog returns images named and shaped like the ones that Windows clusters run; layers are a few bytes each.
func Catalog() []Fixture {
	return []Fixture{
		// Base images: servercore needs win32k, nanoserver does not.
		{Name: "windows/servercore:ltsc2019", Manifests: []Manifest{Windows(version1809, "win32k")}},
		{Name: "windows/servercore:ltsc2022", Manifests: []Manifest{Windows(versionLTSC2022, "win32k")}},
		{Name: "windows/servercore:ltsc2025", Manifests: []Manifest{Windows(versionLTSC2025, "win32k")}},
		{Name: "windows/nanoserver:1809", Manifests: []Manifest{Windows(version1809)}},
		{Name: "windows/nanoserver:ltsc2022", Manifests: []Manifest{Windows(versionLTSC2022)}},
		{Name: "windows/nanoserver:ltsc2025", Manifests: []Manifest{Windows(versionLTSC2025)}},

		// Applications: one reference for several builds.
		{Name: "windows/servercore/iis:latest", Manifests: []Manifest{
			Windows(version1809, "win32k"), Windows(versionLTSC2022, "win32k"),
		}},
		{Name: "windows/servercore/iis:windowsservercore-ltsc2019", Single: true, Manifests: []Manifest{Windows(version1809, "win32k")}},
		{Name: "windows/servercore/iis:windowsservercore-ltsc2022", Single: true, Manifests: []Manifest{Windows(versionLTSC2022, "win32k")}},
		{Name: "powershell:nanoserver-ltsc2022", Single: true, Manifests: []Manifest{Windows(versionLTSC2022)}},

		// Linux and Windows behind one tag.
		{Name: "dotnet/aspnet:8.0", Manifests: []Manifest{
			Linux("amd64"), Linux("arm64"), Linux("arm"), Windows(version1809), Windows(versionLTSC2022),
		}},
		{Name: "oss/kubernetes/pause:3.10.2", Manifests: []Manifest{
			Linux("amd64"), Linux("arm64"), Windows(version1809), Windows(versionLTSC2022), Windows(versionLTSC2025),
		}},

		// Linux only, with the provenance that today's build tools add.
		{Name: "library/nginx:1.29", Manifests: []Manifest{Linux("amd64"), Attestation(), Linux("arm64"), Attestation()}},

		// The base of HostProcess images states no build anywhere.
		{Name: "oss/kubernetes/windows-host-process-containers-base-image:v1.0.0", Manifests: []Manifest{
			Windows(versionLTSC2022).VersionUnknown(),
		}},

		// Made by hand with docker manifest create: the index leaves out what the config knows.
		{Name: "samples/entry-without-version:1.0", Manifests: []Manifest{Windows(versionLTSC2022).EntrySilent()}},
		{Name: "samples/entry-without-platform:1.0", Manifests: []Manifest{Linux("amd64").NoPlatform(), Windows(version1809).NoPlatform()}},

		// An index of indexes.
		{Name: "samples/nested:1.0", Nested: 1, Manifests: []Manifest{Windows(version1809), Windows(versionLTSC2022)}},
	}
}
