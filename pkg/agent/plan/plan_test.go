package plan_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// node is a small node with something of most kinds.
func node() *state.Desired {
	config := `{"a":1}`
	return &state.Desired{
		Schema: state.Schema, Owner: "cluster-1",
		Features: []state.Feature{{Name: "Containers"}},
		Files: []state.File{
			{Path: `C:\k\containerd.exe`, SHA256: strings.Repeat("a", 64), Size: 100},
			{Path: `C:\k\kubelet.exe`, SHA256: strings.Repeat("b", 64), Size: 50},
			{Path: `C:\k\kubelet.json`, Inline: &config, Format: state.FormatJSON},
		},
		Variables: []state.Variable{{Name: "Path", Entries: []string{`C:\k`}}},
		Services: []state.Service{
			{Name: "kubelet", Program: `C:\k\kubelet.exe`, Arguments: []string{"--config=C:/k/kubelet.json"},
				DependsOn: []string{"containerd"}, Ports: []uint16{10250}},
			{Name: "containerd", Program: `C:\k\containerd.exe`},
		},
	}
}

// bare is a host that has what a node needs of Windows, and nothing else.
func bare() state.Observed {
	return state.Observed{
		Facts: state.Facts{
			Build: "10.0.20348", Language: "en-US", Hostname: "win-1",
			Disks: []state.Disk{{Drive: `C:\`, FreeBytes: 1 << 30}},
		},
		Paths: map[string]state.ObservedPath{}, Services: map[string]state.ObservedService{},
		Features: map[string]state.FeatureState{"CONTAINERS": state.FeatureEnabled},
		Content:  map[string]bool{strings.Repeat("a", 64): true},
	}
}

func build(t *testing.T, in plan.Input) state.Plan {
	t.Helper()
	planned, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return planned
}

func steps(planned state.Plan) []string {
	var steps []string
	for _, action := range planned.Actions {
		steps = append(steps, string(action.Verb)+" "+action.ID.String())
	}
	return steps
}

func TestABareHostIsConfiguredInOrder(t *testing.T) {
	planned := build(t, plan.Input{Desired: node(), Observed: bare()})
	want := []string{
		`create directory/C:\k`, `create file/C:\k\containerd.exe`, `create file/C:\k\kubelet.exe`,
		`create file/C:\k\kubelet.json`, `create variable/Path`, `create service/containerd`,
		`start service/containerd`, `create service/kubelet`, `start service/kubelet`,
	}
	if diff := cmp.Diff(want, steps(planned)); diff != "" {
		t.Error(diff)
	}
	missing := []state.Content{{SHA256: strings.Repeat("b", 64), Size: 50}}
	if diff := cmp.Diff(missing, planned.Missing); diff != "" {
		t.Errorf("what has to be uploaded: %s", diff)
	}
	if len(planned.Refusals) > 0 || planned.NeedsReboot() {
		t.Errorf("refused: %v", planned.Refusals)
	}
}

func TestThePlanDoesNotDependOnTheOrderOfTheInput(t *testing.T) {
	want := build(t, plan.Input{Desired: node(), Observed: bare()}).Actions
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		d := node()
		random.Shuffle(len(d.Files), func(i, j int) { d.Files[i], d.Files[j] = d.Files[j], d.Files[i] })
		random.Shuffle(len(d.Services), func(i, j int) { d.Services[i], d.Services[j] = d.Services[j], d.Services[i] })
		if diff := cmp.Diff(want, build(t, plan.Input{Desired: d, Observed: bare()}).Actions); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestACycleIsRefusedByName(t *testing.T) {
	d := node()
	d.Services[1].DependsOn = []string{"kubelet"}
	_, err := plan.Build(plan.Input{Desired: d, Observed: bare()})
	var cycle *plan.CycleError
	if !errors.As(err, &cycle) ||
		!strings.Contains(err.Error(), "service/containerd needs service/kubelet needs service/containerd") {
		t.Errorf("got error %v", err)
	}
}

func TestACycleThroughAFileIsRefusedByName(t *testing.T) {
	d := node()
	d.Files[1].After = []state.ID{{Kind: state.KindService, Name: "kubelet"}}
	if _, err := plan.Build(plan.Input{Desired: d}); err == nil || !strings.Contains(err.Error(), `file/C:\k\kubelet.exe needs`) {
		t.Errorf("got error %v", err)
	}
}

func TestOnlyWhatUsesAChangedFileIsRestarted(t *testing.T) {
	d := node()
	observed, manifest := running(d)
	path := winpath.Path(`C:\k\kubelet.json`)
	observed.Paths[path.Key()] = state.ObservedPath{Type: state.PathFile, SHA256: "other", Content: []byte(`{"a":2}`)}
	want := []string{"stop service/kubelet", `update file/C:\k\kubelet.json`, "start service/kubelet"}
	if diff := cmp.Diff(want, steps(build(t, plan.Input{Desired: d, Observed: observed, Manifest: manifest}))); diff != "" {
		t.Error(diff)
	}
}

func TestDependentsStopBeforeAndStartAfterWhatTheyDependOn(t *testing.T) {
	d := node()
	observed, manifest := running(d)
	theirs := state.ObservedService{
		Status: state.ServiceRunning, Config: state.ServiceConfig{DependsOn: []string{"kubelet", "+NetworkProvider"}},
	}
	observed.Services["MONITOR"] = theirs
	kubelet := observed.Services["KUBELET"]
	kubelet.Dependents = []string{"monitor"}
	observed.Services["KUBELET"] = kubelet
	d.Services[1].Arguments = []string{"--new"}
	want := []string{
		"stop service/monitor", "stop service/kubelet", "stop service/containerd", "update service/containerd",
		"start service/containerd", "start service/kubelet", "start service/monitor",
	}
	if diff := cmp.Diff(want, steps(build(t, plan.Input{Desired: d, Observed: observed, Manifest: manifest}))); diff != "" {
		t.Error(diff)
	}
}

func TestWhatSomebodyElseWantsWhenAServiceFailsIsShown(t *testing.T) {
	d := node()
	observed, manifest := running(d)
	kubelet := observed.Services["KUBELET"]
	kubelet.Config.OtherRecovery.Actions = []state.FailureAction{
		{Type: 1, DelayMilliseconds: 1500}, {Type: 2}, {Type: 3}, {Type: 0}, {Type: 9},
	}
	observed.Services["KUBELET"] = kubelet
	var printed strings.Builder
	if err := plan.Print(&printed, build(t, plan.Input{Desired: d, Observed: observed, Manifest: manifest})); err != nil {
		t.Fatal(err)
	}
	const want = "recovery: no longer restart after 1500ms, then restart the host after 0ms, then run a program after 0ms, " +
		"then nothing after 0ms, then something else after 0ms\n"
	if !strings.Contains(printed.String(), want) {
		t.Errorf("printed\n%s", printed.String())
	}
}

func TestKeyOrderAndLineEndingsAreNoDrift(t *testing.T) {
	d := node()
	observed, manifest := running(d)
	path := winpath.Path(`C:\k\kubelet.json`)
	observed.Paths[path.Key()] = state.ObservedPath{Type: state.PathFile, SHA256: "other", Content: []byte("{\r\n\"a\": 1}\r\n")}
	if planned := build(t, plan.Input{Desired: d, Observed: observed, Manifest: manifest}); !planned.Empty() {
		t.Errorf("planned %v", steps(planned))
	}
}

// running is a host that is as desired.
func running(d *state.Desired) (state.Observed, state.Manifest) {
	observed, manifest := bare(), state.Manifest{Owner: d.Owner}
	observed.Variables = map[string]state.EnvironmentValue{"PATH": {Text: `C:\k`}}
	observed.Paths[`C:\K`] = state.ObservedPath{Type: state.PathDirectory}
	for _, file := range d.Files {
		is := state.ObservedPath{Type: state.PathFile, SHA256: file.SHA256}
		if file.Inline != nil {
			is.SHA256 = state.Digest([]byte(*file.Inline))
		}
		observed.Paths[file.Path.Key()] = is
		manifest = manifest.With(state.Record{ID: file.ID()})
	}
	for _, service := range d.Services {
		is := state.ObservedService{Config: service.Config(), Status: state.ServiceRunning}
		for _, other := range d.Services {
			for _, dependency := range other.DependsOn {
				if dependency == service.Name {
					is.Dependents = append(is.Dependents, other.Name)
				}
			}
		}
		observed.Services[winpath.Fold(service.Name)] = is
		manifest = manifest.With(state.Record{ID: service.ID(), DependsOn: service.DependsOn})
	}
	return observed, manifest
}

func TestServicesWaitForTheBootThatAFeatureNeeds(t *testing.T) {
	observed := bare()
	observed.Features["CONTAINERS"] = state.FeatureDisabled
	planned := build(t, plan.Input{Desired: node(), Observed: observed})
	if !planned.NeedsReboot() || planned.Actions[0].ID.Kind != state.KindFeature {
		t.Errorf("planned %v", steps(planned))
	}
	for _, action := range planned.Actions {
		if action.AfterReboot != (action.ID.Kind == state.KindService) {
			t.Errorf("%s %s waits: %t", action.Verb, action.ID, action.AfterReboot)
		}
	}
	observed.Features["CONTAINERS"] = state.FeatureEnablePending
	observed.Facts.PendingReboot = []string{"Component Based Servicing"}
	planned = build(t, plan.Input{Desired: node(), Observed: observed})
	if !planned.NeedsReboot() || len(planned.RebootRequired) != 1 || len(planned.Refusals) > 0 || !planned.Actions[len(planned.Actions)-1].AfterReboot {
		t.Errorf("while it is pending: %v, %v", steps(planned), planned.Refusals)
	}
}

func TestOldVersionsAreKeptForGoingBackAndNoLonger(t *testing.T) {
	d := &state.Desired{
		Schema: state.Schema, Owner: "c", Versions: &state.Versions{Root: `C:\k\versions`, Current: "v3", Keep: 1},
		Files: []state.File{{Path: `C:\k\versions\v3\x.exe`, SHA256: strings.Repeat("a", 64)}},
	}
	manifest := state.Manifest{Versions: []string{"v2", "v1"}}
	observed := bare()
	for _, path := range []winpath.Path{`C:\k`, `C:\k\versions`, `C:\k\versions\v1`, `C:\k\versions\v2`} {
		manifest = manifest.With(state.Record{ID: state.Directory{Path: path}.ID()})
		observed.Paths[path.Key()] = state.ObservedPath{Type: state.PathDirectory}
	}
	for _, path := range []winpath.Path{`C:\k\versions\v1\x.exe`, `C:\k\versions\v2\x.exe`} {
		manifest = manifest.With(state.Record{ID: state.File{Path: path}.ID()})
		observed.Paths[path.Key()] = state.ObservedPath{Type: state.PathFile}
	}
	want := []string{
		`create directory/C:\k\versions\v3`, `create file/C:\k\versions\v3\x.exe`, `update versions/C:\k\versions`,
		`delete file/C:\k\versions\v1\x.exe`, `delete directory/C:\k\versions\v1`,
	}
	if diff := cmp.Diff(want, steps(build(t, plan.Input{Desired: d, Observed: observed, Manifest: manifest}))); diff != "" {
		t.Error(diff)
	}
}

func TestPrintedPlansHaveNoSecrets(t *testing.T) {
	secret := "hunter2-hunter2"
	d := node()
	d.Files = append(d.Files, state.File{Path: `C:\k\token`, Inline: &secret, Secret: true})
	d.Files = append(d.Files, state.File{Path: `C:\k\lines`, Lines: []string{secret}, Secret: true})
	d.Variables = append(d.Variables, state.Variable{Name: "TOKEN", Value: &secret, Secret: true})
	d.Registry = []state.RegistryValue{{Key: `HKLM\A`, Data: state.RegistryData{Type: state.RegistryString, Text: secret}, Secret: true}}
	d.Services[0].Variables = []state.ServiceVariable{{Name: "TOKEN", Value: secret, Secret: true}}
	observed := bare()
	observed.Services["CONTAINERD"] = state.ObservedService{Config: state.ServiceConfig{Environment: []string{"THEIRS=" + secret}}}
	planned := build(t, plan.Input{Desired: d, Observed: observed})
	var printed strings.Builder
	if err := plan.Print(&printed, planned); err != nil {
		t.Fatal(err)
	}
	encoded, err := state.Encode(planned)
	if err != nil || strings.Contains(printed.String()+string(encoded), secret) {
		t.Errorf("error %v, or there is a secret in:\n%s%s", err, printed.String(), encoded)
	}
}

func TestPrint(t *testing.T) {
	observed := bare()
	observed.Features["CONTAINERS"] = state.FeatureDisabled
	observed.Facts.Hostname = "win_1"
	var printed strings.Builder
	if err := plan.Print(&printed, build(t, plan.Input{Desired: node(), Observed: observed})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"! The hostname cannot be", "^ upload sha256:bbbbbbbbbbbb (50 bytes)", "~ update  feature/Containers: ",
		"    state: disabled -> enabled", "(disruptive, needs a reboot)", "+ create  service/kubelet: ", "(after the reboot)",
	} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q is not in:\n%s", want, printed.String())
		}
	}
	printed.Reset()
	if err := plan.Print(&printed, state.Plan{}); err != nil || printed.String() != "The host is as desired.\n" {
		t.Errorf("an empty plan: %q, error %v", printed.String(), err)
	}
}

func TestTheAgentsOwnServiceIsRestartedLastAndNeverStopped(t *testing.T) {
	d := node()
	d.Files = append(d.Files, state.File{Path: `C:\k\agent.exe`, SHA256: strings.Repeat("c", 64)})
	d.Services = append(d.Services, state.Service{Name: "mullion-agent", Program: `C:\k\agent.exe`})
	observed, manifest := running(d)
	observed.Facts.Service = "Mullion-Agent"
	observed.Paths[`C:\K\AGENT.EXE`] = state.ObservedPath{Type: state.PathFile, SHA256: "old"}
	want := []string{`update file/C:\k\agent.exe`, "restart service/mullion-agent"}
	if diff := cmp.Diff(want, steps(build(t, plan.Input{Desired: d, Observed: observed, Manifest: manifest}))); diff != "" {
		t.Error(diff)
	}
}
