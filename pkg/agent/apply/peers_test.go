package apply_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// What other tools for Windows nodes get wrong on the host, each by name.

func TestRemovalKeepsSharedDirectoriesAndLogs(t *testing.T) {
	m := adminsHost(t)
	upload(m, contents("v1")...)
	d := desired("v1")
	d.Directories = append(d.Directories, state.Directory{Path: `C:\var\log`, Purge: true}, state.Directory{Path: `C:\Temp`})
	mustApply(t, m, d)
	m.WriteFile(`C:\Temp\installer.log`, "somebody's")
	mustRemove(t, m)
	for _, path := range []string{`C:\Temp\installer.log`, adminsLog.String()} {
		if _, kept := m.Snapshot()["path "+path]; !kept {
			t.Errorf("%s is gone", path)
		}
	}
}

func TestRemovalKeepsTheAdminsOwnProxyVariables(t *testing.T) {
	m := adminsHost(t)
	on := m.Host().Environment
	for name, value := range map[string]string{"HTTP_PROXY": "http://corp:3128", "HTTPS_PROXY": "http://corp:3128"} {
		if err := on.SetVariable(t.Context(), name, state.EnvironmentValue{Text: value}); err != nil {
			t.Fatal(err)
		}
	}
	before := m.Snapshot()
	d := &state.Desired{Schema: state.Schema, Owner: "c", Variables: []state.Variable{
		{Name: "HTTP_PROXY", Value: text("http://cluster:8080")},
		{Name: "HTTPS_PROXY", Value: text("http://corp:3128")}, // the same as the admin's: not ours
		{Name: "NO_PROXY", Entries: []string{".svc", "localhost"}, Separator: ","},
	}}
	mustApply(t, m, d)
	if got := m.Snapshot()["variable NO_PROXY"]; got != "localhost,.corp,.svc expand=false" {
		t.Errorf("NO_PROXY is %q", got)
	}
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestRemovalKeepsWhatTheAdminAddedMeanwhile(t *testing.T) {
	m := adminsHost(t)
	upload(m, contents("v1")...)
	mustApply(t, m, desired("v1"))
	content, _ := m.ReadFile(hosts)
	m.WriteFile(hosts, content+"192.0.2.99 added-by-the-admin\r\n")
	if err := m.Host().Environment.SetVariable(t.Context(), "NO_PROXY",
		state.EnvironmentValue{Text: "localhost,.corp,.svc,v1.example.com,.lab"}); err != nil {
		t.Fatal(err)
	}
	upload(m, contents("v2")...)
	mustApply(t, m, desired("v2"))
	mustRemove(t, m)
	if got, _ := m.ReadFile(hosts); got != "# hosts\r\n127.0.0.1 localhost\r\n192.0.2.99 added-by-the-admin\r\n" {
		t.Errorf("hosts is %q", got)
	}
	if got := m.Snapshot()["variable NO_PROXY"]; got != "localhost,.corp,.lab expand=false" {
		t.Errorf("NO_PROXY is %q", got)
	}
}

func TestRemovalKeepsCertificatesThatWereThereBefore(t *testing.T) {
	m := adminsHost(t)
	der, err := state.Certificate{PEM: certificate("v1")}.DER()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Host().Certificates.AddCertificate(t.Context(), der); err != nil {
		t.Fatal(err)
	}
	before := m.Snapshot()
	d := &state.Desired{Schema: state.Schema, Owner: "c", Certificates: []state.Certificate{{PEM: certificate("v1")}, {PEM: certificate("v2")}}}
	mustApply(t, m, d)
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestArgumentsReachAServiceAsTheyAreWhateverShellThereIs(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\k\x.exe`, "x")
	d := &state.Desired{Schema: state.Schema, Owner: "c", Services: []state.Service{{
		Name: "x", Program: `C:\k\x.exe`, Arguments: []string{`--labels=a="b c"`, "$env:TEMP", "`whoami`"},
	}}}
	mustApply(t, m, d)
	config, err := m.Host().Services.Service(t.Context(), "x")
	if want := `"C:\k\x.exe" "--labels=a=\"b c\"" $env:TEMP ` + "`whoami`"; err != nil || config.Config.CommandLine != want {
		t.Errorf("got %s, error %v", config.Config.CommandLine, err)
	}
}

func TestAForeignServiceOnTopOfOursRunsAgainAfterAChange(t *testing.T) {
	m := adminsHost(t)
	upload(m, contents("v1")...)
	mustApply(t, m, desired("v1"))
	installMonitor(t, m)
	upload(m, contents("v2")...)
	mustApply(t, m, desired("v2"))
	if !m.Running("monitor") {
		t.Error("it does not run")
	}
}

func TestATakenOverServiceIsPutBackAndRunsAgain(t *testing.T) {
	m := adminsHost(t)
	m.WriteFile(`C:\docker\containerd.exe`, "theirs")
	theirs := state.ServiceConfig{
		DisplayName: "containerd of somebody", CommandLine: `"C:\docker\containerd.exe" --run`,
		Start: state.StartAutomatic, Account: state.LocalSystem, Environment: []string{"A=b"},
		OtherRecovery: state.FailureActions{
			Actions: []state.FailureAction{{Type: 1, DelayMilliseconds: 60000}, {Type: 0}}, ResetAfterSeconds: 86400,
		},
	}
	if err := m.Install(t.Context(), "containerd", theirs); err != nil {
		t.Fatal(err)
	}
	before := m.Snapshot()
	d := desired("v1")
	d.Services[1].TakeOver = true
	upload(m, contents("v1")...)
	mustApply(t, m, d)
	if before["process containerd"] == m.Snapshot()["process containerd"] {
		t.Error("it was not taken over")
	}
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestPurgingADirectoryDoesNotFollowLinks(t *testing.T) {
	m := adminsHost(t)
	upload(m, contents("v1")...)
	mustApply(t, m, desired("v1"))
	m.Link(`C:\var\lib\kubelet\volume`)
	mustRemove(t, m)
	for _, operation := range m.Operations() {
		if operation == `List C:\var\lib\kubelet\volume` {
			t.Error("it was followed")
		}
	}
	if _, left := m.Snapshot()[`path C:\var\lib\kubelet`]; left {
		t.Error("it was left")
	}
}
