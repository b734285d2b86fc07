package nodeconfig_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// all are the results of all configurations, before and after a host has joined.
func all(t *testing.T) map[string]nodeconfig.Result {
	t.Helper()
	results := map[string]nodeconfig.Result{}
	for _, name := range []string{"minimal", "hybrid-overlay", "everything", "calico-external", "calico-configured", "flannel-host-gateway"} {
		results[name+", joining"] = desired(t, config(t, name), joining())
		results[name+", joined"] = desired(t, config(t, name), joined())
	}
	return results
}

func TestTheOnlySecretOfAHostIsItsOwnBootstrapToken(t *testing.T) {
	for name, result := range all(t) {
		holders := 0
		for _, file := range result.State.Files {
			if file.Inline == nil || !strings.Contains(*file.Inline, token) {
				continue
			}
			holders++
			if !file.Secret || file.Access != state.AccessAdministrators {
				t.Errorf("%s: %s has the token, but is not kept from plans and from other users", name, file.Path)
			}
		}
		want := 0
		if strings.HasSuffix(name, "joining") {
			want = 1
		}
		if holders != want {
			t.Errorf("%s: %d files have the token: want %d", name, holders, want)
		}
		result.State.Files = nil
		rest, err := json.Marshal(result)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(rest), token) {
			t.Errorf("%s: the token is elsewhere than in a file", name)
		}
	}
}

func TestAHostThatHasJoinedHasNoTokenAnyMore(t *testing.T) {
	result := desired(t, config(t, "minimal"), joined())
	for _, file := range result.State.Files {
		if strings.Contains(file.Path.String(), "bootstrap") {
			t.Errorf("%s is still there", file.Path)
		}
	}
}

func TestANewTokenReachesAHostThatHasNotJoined(t *testing.T) {
	host := joining()
	host.BootstrapToken = "fedcba.fedcba9876543210"
	path := `C:\k\bootstrap-kubeconfig`
	if inline(t, desired(t, config(t, "minimal"), host), path) == inline(t, desired(t, config(t, "minimal"), joining()), path) {
		t.Error("a rotated token makes the same file")
	}
}

func TestSharedDirectoriesStayWhenAHostIsGivenBack(t *testing.T) {
	shared := []string{`C:\k`, `C:\var`, `C:\var\log`, `C:\Temp`, `C:\opt\cni\bin`, `C:\etc\cni\net.d`, `C:\ProgramData`, `C:\var\log\pods`}
	for name, result := range all(t) {
		for _, directory := range result.State.Directories {
			for _, path := range shared {
				if directory.Purge && strings.EqualFold(directory.Path.String(), path) {
					t.Errorf("%s: %s would be deleted with what others have in it", name, directory.Path)
				}
			}
			if directory.Purge && strings.HasPrefix(directory.Path.String(), `C:\var\log`) {
				t.Errorf("%s: logs in %s would be deleted", name, directory.Path)
			}
		}
	}
}

func TestWhatContainerdMakesByItselfGoesWhenAHostIsGivenBack(t *testing.T) {
	for name, result := range all(t) {
		for _, path := range []winpath.Path{`C:\ProgramData\containerd`, `C:\Program Files\containerd`} {
			directory := state.Directory{Path: path, Purge: true}
			if !slices.ContainsFunc(result.State.Directories, func(d state.Directory) bool { return cmp.Equal(d, directory) }) {
				t.Errorf("%s: %s would stay", name, path)
			}
		}
		if after := service(t, result, "containerd").After; !slices.Contains(after, state.Directory{Path: `C:\Program Files\containerd`}.ID()) {
			t.Errorf("%s: containerd may be the one that makes its directory, and starts after %v", name, after)
		}
	}
}

func TestEveryServiceComesBackWhenItEnds(t *testing.T) {
	c := config(t, "everything")
	c.Spec.Services = append(c.Spec.Services, v1alpha1.ExtraService{Name: "mullion-agent", Program: "tools/inventory.exe", Args: []string{"serve"}})
	for _, s := range desired(t, c, joined()).State.Services {
		// The agent's own service ends with an error to be started anew: that it is done also then matters to it.
		if len(s.Recovery.RestartAfterSeconds) == 0 || !s.Recovery.OnError {
			t.Errorf("service %s has %+v", s.Name, s.Recovery)
		}
	}
}

func TestAnAdministratorsOwnNoProxyEntriesStay(t *testing.T) {
	for _, variable := range desired(t, config(t, "everything"), joined()).State.Variables {
		if variable.Name == "NO_PROXY" && (variable.Value != nil || variable.Separator != ",") {
			t.Errorf("NO_PROXY is owned as a whole, or not separated by commas: %+v", variable)
		}
	}
}

func TestNoProxyHasEachEntryOnceAndCommasBetween(t *testing.T) {
	c := config(t, "everything")
	c.Spec.Proxy.NoProxy = []string{"a.example.com, b.example.com", "A.example.com", "10.244.0.0/16", ".cluster.local"}
	want := "a.example.com,b.example.com,10.244.0.0/16,.cluster.local," +
		"localhost,127.0.0.1,169.254.169.254,.svc,10.96.0.0/12,10.1.0.0/16,api.cluster.example.com"
	for _, variable := range service(t, desired(t, c, joined()), "containerd").Variables {
		if variable.Name == "NO_PROXY" {
			if diff := cmp.Diff(want, variable.Value); diff != "" {
				t.Errorf("NO_PROXY (-want +got):\n%s", diff)
			}
		}
	}
}

func TestNothingIsRunByAShell(t *testing.T) {
	for name, result := range all(t) {
		for _, s := range result.State.Services {
			if !strings.HasPrefix(s.Program.String(), `C:\k\versions\4f5c1de00aa94bde\`) {
				t.Errorf("%s: service %s runs %s, which is not of the bundle", name, s.Name, s.Program)
			}
		}
		for _, file := range result.State.Files {
			if extension := strings.ToLower(file.Path.String()); strings.HasSuffix(extension, ".ps1") || strings.HasSuffix(extension, ".cmd") || strings.HasSuffix(extension, ".bat") {
				t.Errorf("%s: %s is a script", name, file.Path)
			}
		}
	}
}

func TestOnlyAdministratorsWriteWhereTheSystemRunsProgramsFrom(t *testing.T) {
	for name, result := range all(t) {
		guarded := map[string]bool{}
		for _, directory := range result.State.Directories {
			guarded[directory.Path.String()] = directory.Access == state.AccessAdministrators
		}
		for _, path := range []string{`C:\k`, `C:\opt\cni\bin`, `C:\etc\cni\net.d`, `C:\var\lib\kubelet\pki`} {
			if !guarded[path] {
				t.Errorf("%s: everybody who may write to %s can become the system", name, path)
			}
		}
	}
}

func TestTheAgentCanOrderWhatIsDesired(t *testing.T) {
	for name, result := range all(t) {
		if _, err := plan.Expand(&result.State); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
