package observe_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func record(resource state.Resource) state.Record { return state.Record{ID: resource.ID()} }

func TestContentIsKeptOnlyWhereItIsComparedByMeaning(t *testing.T) {
	m := memhost.New()
	inline := "{}"
	files := []state.File{
		{Path: `C:\lines`, Lines: []string{"a"}}, {Path: `C:\json`, Inline: &inline, Format: state.FormatJSON},
		{Path: `C:\program`, SHA256: state.Digest([]byte("{}"))}, {Path: `C:\bytes`, Inline: &inline},
	}
	desired := &state.Desired{Files: files}
	var ids []state.ID
	for _, file := range files {
		m.WriteFile(file.Path, inline)
		ids = append(ids, file.ID())
	}
	observed, err := observe.Resources(t.Context(), m.Host(), observe.ScopeOf(desired, ids, state.Manifest{}))
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]bool{}
	for path, is := range observed.Paths {
		kept[path] = is.Content != nil
		if is.SHA256 != state.Digest([]byte(inline)) {
			t.Errorf("%s has the digest %q", path, is.SHA256)
		}
	}
	if diff := cmp.Diff(map[string]bool{`C:\LINES`: true, `C:\JSON`: true, `C:\PROGRAM`: false, `C:\BYTES`: false}, kept); diff != "" {
		t.Errorf("content that is kept (-want +got):\n%s", diff)
	}
}

func TestWhatIsOursIsObservedThoughNobodyWantsItAnyMore(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\ours`, "x")
	manifest := state.Manifest{Records: []state.Record{record(state.File{Path: `C:\ours`})}, Resume: []string{"Spooler"}}
	if err := m.Install(t.Context(), "Spooler", state.ServiceConfig{CommandLine: `"C:\ours"`}); err != nil {
		t.Fatal(err)
	}
	observed, err := observe.Resources(t.Context(), m.Host(), observe.ScopeOf(nil, nil, manifest))
	if err != nil || observed.Paths[`C:\OURS`].Type != state.PathFile {
		t.Errorf("observed %+v, error %v", observed.Paths, err)
	}
	if _, seen := observed.Services["SPOOLER"]; !seen {
		t.Error("a service that we have stopped is not looked at")
	}
}

func TestServicesThatWouldFightWithOursAreObserved(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\d.exe`, "x")
	if err := m.Install(t.Context(), "docker", state.ServiceConfig{CommandLine: `"C:\d.exe"`}); err != nil {
		t.Fatal(err)
	}
	desired := &state.Desired{Requirements: state.Requirements{Conflicts: []string{"Docker", "absent"}}}
	observed, err := observe.All(t.Context(), m.Host(), observe.ScopeOf(desired, nil, state.Manifest{}))
	if _, seen := observed.Services["DOCKER"]; err != nil || !seen || len(observed.Services) != 1 {
		t.Errorf("observed %+v, error %v", observed.Services, err)
	}
}

func TestAServiceIsObservedWithThoseBelowAndAboveIt(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\x.exe`, "x")
	config := state.ServiceConfig{CommandLine: `"C:\x.exe"`, Start: state.StartManual}
	for _, name := range []string{"base", "middle", "top", "aside"} {
		if err := m.Install(t.Context(), name, config); err != nil {
			t.Fatal(err)
		}
		config.DependsOn = []string{name}
		if name == "top" {
			config.DependsOn = nil
		}
	}
	observed, err := observe.Resources(t.Context(), m.Host(), observe.Only(state.Service{Name: "middle"}.ID()))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for key := range observed.Services {
		seen[key] = true
	}
	if diff := cmp.Diff(map[string]bool{"BASE": true, "MIDDLE": true, "TOP": true}, seen); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}

func TestNetworksAreAskedForOnceAndNotAnyMoreWhenWhatWasThereIsNoted(t *testing.T) {
	network, other := state.ContainerNetwork{Name: "nat"}, state.ContainerNetwork{Name: "l2bridge"}
	desired := &state.Desired{Networks: []state.ContainerNetwork{network, other}}
	ids := []state.ID{network.ID(), other.ID()}
	noted := state.Manifest{}
	for sentence, test := range map[string]struct {
		manifest state.Manifest
		asked    int
	}{
		"two networks are one question":           {noted, 1},
		"one is left to be noted":                 {noted.With(record(network)), 1},
		"a host is repaired while its HNS is ill": {noted.With(record(network)).With(record(other)), 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := memhost.New()
			m.EnableFeature("Containers")
			m.MakeNetwork(state.HNSNetwork{Name: "nat"})
			asked := 0
			m.Fail(func(operation, _ string) error {
				if operation == "Networks" {
					asked++
				}
				return nil
			})
			observed, err := observe.Resources(t.Context(), m.Host(), observe.ScopeOf(desired, ids, test.manifest))
			if err != nil || asked != test.asked || len(observed.Networks) != test.asked {
				t.Errorf("asked %d times, observed %+v, error %v", asked, observed.Networks, err)
			}
		})
	}
}

func TestAHostThatDoesNotTellItsFactsIsAnError(t *testing.T) {
	m := memhost.New()
	broken := errors.New("the host is broken")
	m.Fail(func(operation, _ string) error {
		if operation == "Facts" {
			return broken
		}
		return nil
	})
	if _, err := observe.All(t.Context(), m.Host(), observe.ScopeOf(nil, nil, state.Manifest{})); !errors.Is(err, broken) {
		t.Errorf("got error %v", err)
	}
}
