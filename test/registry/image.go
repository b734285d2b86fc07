package registry

import (
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Manifest describes one image: what its own config says, and what the index that lists it says.
type Manifest struct {
	// Config is what the image config holds.
	Config v1.Platform
	// Entry is the platform of the index entry. Nil leaves the entry without one. A single image ignores it.
	Entry *v1.Platform
	// Attestation marks the entry as the provenance of another image, as build tools attach it.
	Attestation bool
}

// Windows describes an image of a four-part Windows version, such as "10.0.20348.2700", that both index and
// config state. Features fill os.features, where "win32k" says that the image needs the graphics subsystem.
func Windows(version string, features ...string) Manifest {
	return stated(v1.Platform{OS: "windows", Architecture: "amd64", OSVersion: version, OSFeatures: features})
}

// Linux describes an image of an architecture such as "amd64" or "arm64".
func Linux(architecture string) Manifest {
	return stated(v1.Platform{OS: "linux", Architecture: architecture})
}

func stated(p v1.Platform) Manifest { return Manifest{Config: p, Entry: &p} }

// Attestation describes an index entry of platform unknown/unknown, which is not an image to run.
func Attestation() Manifest {
	m := stated(v1.Platform{OS: "unknown", Architecture: "unknown"})
	m.Attestation = true
	return m
}

// EntrySilent returns m with an index entry that has no os.version: only the config tells the build.
func (m Manifest) EntrySilent() Manifest {
	entry := m.Config
	entry.OSVersion, entry.OSFeatures = "", nil
	m.Entry = &entry
	return m
}

// VersionUnknown returns m with no os.version anywhere, as images for HostProcess containers are made.
func (m Manifest) VersionUnknown() Manifest {
	m.Config.OSVersion, m.Config.OSFeatures = "", nil
	return m.EntrySilent()
}

// NoPlatform returns m with an index entry that has no platform at all.
func (m Manifest) NoPlatform() Manifest {
	m.Entry = nil
	return m
}

// NewImage builds the image that m describes: its config and one layer of a few bytes.
func NewImage(m Manifest) (v1.Image, error) {
	config := &v1.ConfigFile{
		OS:           m.Config.OS,
		Architecture: m.Config.Architecture,
		OSVersion:    m.Config.OSVersion,
		OSFeatures:   m.Config.OSFeatures,
		Variant:      m.Config.Variant,
		RootFS:       v1.RootFS{Type: "layers"},
	}
	image, err := mutate.ConfigFile(empty.Image, config)
	if err != nil {
		return nil, fmt.Errorf("building the config of a %s image: %w", m.Config.OS, err)
	}
	layer := static.NewLayer([]byte("layer of "+m.Config.String()), types.DockerLayer)
	if image, err = mutate.AppendLayers(image, layer); err != nil {
		return nil, fmt.Errorf("adding a layer to a %s image: %w", m.Config.OS, err)
	}
	return image, nil
}
