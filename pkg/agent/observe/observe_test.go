package observe_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func TestWhatIsNotThereIsNoError(t *testing.T) {
	var ids []state.ID
	for kind, name := range map[state.Kind]string{
		state.KindDirectory: `C:\no`, state.KindFile: `C:\no.txt`, state.KindVariable: "NO", state.KindFirewall: "no",
		state.KindRegistry: `HKLM\NO:x`, state.KindService: "no", state.KindCertificate: "00", state.KindFeature: "no",
	} {
		ids = append(ids, state.ID{Kind: kind, Name: name})
	}
	observed, err := observe.All(t.Context(), memhost.New().Host(), observe.ScopeOf(nil, ids, state.Manifest{}))
	if err != nil {
		t.Fatal(err)
	}
	if len(observed.Paths)+len(observed.Variables)+len(observed.Registry)+len(observed.Firewall)+len(observed.Services) > 0 ||
		observed.Certificates["00"] || observed.Features["NO"] != state.FeatureAbsent {
		t.Errorf("observed %+v", observed)
	}
}

func TestWhatCannotBeReadIsAnErrorThatNamesIt(t *testing.T) {
	for operation, id := range map[string]state.ID{
		"Stat":           {Kind: state.KindFile, Name: `C:\a`},
		"Open":           {Kind: state.KindFile, Name: `C:\a`},
		"Access":         {Kind: state.KindFile, Name: `C:\a`},
		"Variable":       {Kind: state.KindVariable, Name: "A"},
		"Value":          {Kind: state.KindRegistry, Name: `HKLM\A:b`},
		"HasCertificate": {Kind: state.KindCertificate, Name: "00"},
		"Rule":           {Kind: state.KindFirewall, Name: "a"},
		"Feature":        {Kind: state.KindFeature, Name: "a"},
		"Routes":         {Kind: state.KindRoute, Name: "198.51.100.7/32"},
		"Service":        {Kind: state.KindService, Name: "a"},
	} {
		t.Run(operation, func(t *testing.T) {
			m := memhost.New()
			m.WriteFile(`C:\a`, "x")
			denied := errors.New("access is denied")
			m.Fail(func(failing, _ string) error {
				if failing == operation {
					return denied
				}
				return nil
			})
			_, err := observe.Resources(t.Context(), m.Host(), observe.Only(id))
			if !errors.Is(err, denied) || !strings.Contains(err.Error(), id.Name) {
				t.Errorf("got error %v", err)
			}
		})
	}
}

func TestAServiceMarkedForDeletionIsAsGoodAsGone(t *testing.T) {
	m := memhost.New()
	services := m.Host().Services
	m.HoldService("a", time.Hour)
	if err := services.Create(t.Context(), "a", state.ServiceConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := services.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	observed, err := observe.Resources(t.Context(), m.Host(), observe.Only(state.Service{Name: "a"}.ID()))
	if err != nil || len(observed.Services) > 0 {
		t.Errorf("observed %v, error %v", observed.Services, err)
	}
}

func TestContentOfLargeFilesAndOfLinksIsNotKept(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\large`, strings.Repeat("x", observe.MaxContent+1))
	m.Link(`C:\link`)
	for path, kind := range map[string]state.PathType{`C:\large`: state.PathFile, `C:\link`: state.PathLink} {
		id := state.ID{Kind: state.KindFile, Name: path}
		observed, err := observe.Resources(t.Context(), m.Host(), observe.Only(id))
		is := observed.Paths[strings.ToUpper(path)]
		if err != nil || is.Type != kind || is.Content != nil || (is.SHA256 == "") != (kind == state.PathLink) {
			t.Errorf("%s: type %s, %d bytes kept, error %v", path, is.Type, len(is.Content), err)
		}
	}
}

// growing is a file system on which files grow right after they were looked at.
type growing struct{ host.FileSystem }

func (g growing) Stat(ctx context.Context, path winpath.Path) (host.FileInfo, error) {
	info, err := g.FileSystem.Stat(ctx, path)
	info.Size = min(info.Size, 10)
	return info, err
}

func TestAFileThatGrowsWhileItIsReadIsNotTakenForItsBeginning(t *testing.T) {
	for name, size := range map[string]int{"to what is still read": observe.MaxContent, "beyond": observe.MaxContent + 1} {
		t.Run(name, func(t *testing.T) {
			m := memhost.New()
			content := strings.Repeat("x", size)
			m.WriteFile(`C:\a`, content)
			on := m.Host()
			on.Files = growing{on.Files}
			observed, err := observe.Resources(t.Context(), on, observe.Only(state.File{Path: `C:\a`}.ID()))
			is := observed.Paths[`C:\A`]
			if err != nil || is.Size != int64(size) || is.SHA256 != state.Digest([]byte(content)) {
				t.Errorf("it has %d bytes and the digest %s, error %v", is.Size, is.SHA256, err)
			}
			if whole := size <= observe.MaxContent; whole != (len(is.Content) == size) || !whole && is.Content != nil {
				t.Errorf("of %d bytes %d are kept", size, len(is.Content))
			}
		})
	}
}

func TestDigestingAFileEndsWithItsContext(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\a`, "x")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := observe.FileDigest(ended, m.Host().Files, `C:\a`); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}
