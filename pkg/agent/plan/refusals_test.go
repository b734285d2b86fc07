package plan_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestRefusals(t *testing.T) {
	for sentence, test := range map[string]struct {
		change func(*plan.Input)
		code   state.FindingCode
		says   string
	}{
		"a host of an unsupported build": {func(in *plan.Input) {
			in.Desired.Requirements.Builds = []string{"10.0.26100"}
		}, state.FindingUnsupportedBuild, "10.0.20348; supported here are 10.0.26100"},
		"a host of an unsupported language": {func(in *plan.Input) {
			in.Desired.Requirements.Languages = []string{"de-DE"}
		}, state.FindingUnsupportedLanguage, "en-US; supported here are de-DE"},
		"a clock an hour off": {func(in *plan.Input) {
			in.Desired.Requirements.MaxClockSkewSeconds, in.Observed.Facts.ClockSkewSeconds = 300, -3600
		}, state.FindingClockSkew, "3600 seconds behind"},
		"a hostname that is no RFC 1123 label": {func(in *plan.Input) {
			in.Observed.Facts.Hostname = "WIN_SRV"
		}, state.FindingInvalidHostname, "Rename the host"},
		"a domain's member that would be renamed": {func(in *plan.Input) {
			in.Desired.Hostname, in.Observed.Facts.Domain = "node-1", "corp.example"
		}, state.FindingDomainMember, "corp.example"},
		"a reboot that Windows waits for": {func(in *plan.Input) {
			in.Observed.Facts.PendingReboot = []string{"Windows Update"}
		}, state.FindingRebootPending, "Reboot the host"},
		"an existing foreign containerd": {func(in *plan.Input) {
			in.Observed.Services["CONTAINERD"] = state.ObservedService{Status: state.ServiceRunning}
		}, state.FindingForeignService, "takeOver"},
		"a foreign service that could not be given back without a password": {func(in *plan.Input) {
			in.Desired.Services[1].TakeOver = true
			in.Observed.Services["CONTAINERD"] = state.ObservedService{Config: state.ServiceConfig{Account: `.\svc`}}
		}, state.FindingForeignService, "without the password"},
		"a foreign firewall rule that could not be given back": {func(in *plan.Input) {
			in.Desired.Firewall = []state.FirewallRule{{Name: "kubelet"}}
			in.Observed.Firewall = map[string]state.FirewallRule{"KUBELET": {Name: "kubelet", Other: []string{"Active=FALSE"}}}
		}, state.FindingForeignRule, "(Active=FALSE). Give it another name."},
		"a conflicting service": {func(in *plan.Input) {
			in.Desired.Requirements.Conflicts = []string{"docker"}
			in.Observed.Services["DOCKER"] = state.ObservedService{Status: state.ServiceStopped}
		}, state.FindingForeignService, "docker is installed"},
		"a port in use": {func(in *plan.Input) {
			in.Observed.Facts.Listeners = []state.Listener{{Port: 10250, PID: 4, Process: "other.exe"}}
		}, state.FindingPortInUse, "Port 10250, which kubelet needs, is in use by other.exe (process 4)"},
		"a disk without space": {func(in *plan.Input) {
			in.Observed.Facts.Disks[0].FreeBytes = 149
		}, state.FindingDiskSpace, "149 bytes free"},
		"a disk without the space that has to stay free": {func(in *plan.Input) {
			in.Desired.Requirements.MinFreeBytes = 1 << 30
		}, state.FindingDiskSpace, "Make room"},
		"a directory where a file has to be": {func(in *plan.Input) {
			in.Observed.Paths[`C:\K\KUBELET.EXE`] = state.ObservedPath{Type: state.PathDirectory}
		}, state.FindingPathInTheWay, "has to be a file and is a directory"},
		"a link where a directory has to be": {func(in *plan.Input) {
			in.Observed.Paths[`C:\K`] = state.ObservedPath{Type: state.PathLink}
		}, state.FindingPathInTheWay, "is a link"},
		"a feature that Windows does not have": {func(in *plan.Input) {
			in.Observed.Features["CONTAINERS"] = state.FeatureAbsent
		}, state.FindingFeatureUnknown, "no feature Containers"},
		"a host that another cluster manages": {func(in *plan.Input) {
			in.Manifest = state.Manifest{Owner: "cluster-2"}.With(state.Record{ID: state.Feature{Name: "x"}.ID()})
		}, state.FindingOwnedByAnother, "managed by cluster-2"},
		"a disk that has room for what is installed, and not for what is kept": {func(in *plan.Input) {
			in.Desired.Files = []state.File{{Path: `C:\k\tool.exe`, SHA256: state.Digest([]byte("tool")), Size: 60 << 20}}
			in.Desired.Services, in.Observed.ContentDrive = nil, `C:\`
			in.Observed.Facts.Disks = []state.Disk{{Drive: `C:\`, FreeBytes: 100 << 20}}
		}, state.FindingDiskSpace, "125829120 are needed"},
		"lines in a file of UTF-16": {func(in *plan.Input) {
			in.Desired.Files = append(in.Desired.Files, state.File{Path: `C:\l`, Lines: []string{"x"}})
			in.Observed.Paths[`C:\L`] = state.ObservedPath{Type: state.PathFile, Size: 2, Content: []byte("a\x00")}
		}, state.FindingUnreadableList, "Save it as UTF-8"},
		"lines in a file that is huge": {func(in *plan.Input) {
			in.Desired.Files = append(in.Desired.Files, state.File{Path: `C:\l`, Lines: []string{"x"}})
			in.Observed.Paths[`C:\L`] = state.ObservedPath{Type: state.PathFile, Size: 1 << 30}
		}, state.FindingUnreadableList, "too many"},
	} {
		t.Run(sentence, func(t *testing.T) {
			in := plan.Input{Desired: node(), Observed: bare()}
			test.change(&in)
			refusals := build(t, in).Refusals
			if len(refusals) != 1 || refusals[0].Code != test.code || !strings.Contains(refusals[0].Message, test.says) {
				t.Errorf("got %v", refusals)
			}
		})
	}
}

func TestNotRefused(t *testing.T) {
	for sentence, change := range map[string]func(*plan.Input){
		"our own service on its own port": func(in *plan.Input) {
			in.Observed, in.Manifest = running(in.Desired)
			in.Observed.Facts.Listeners = []state.Listener{{Port: 10250, Process: "kubelet.exe", Service: "kubelet"}}
		},
		"a foreign service that is to be taken over": func(in *plan.Input) {
			in.Desired.Services[1].TakeOver = true
			in.Observed.Services["CONTAINERD"] = state.ObservedService{Status: state.ServiceRunning}
		},
		"a foreign service of an account without a password that is to be taken over": func(in *plan.Input) {
			in.Desired.Services[1].TakeOver = true
			in.Observed.Services["CONTAINERD"] = state.ObservedService{
				Status: state.ServiceRunning, Config: state.ServiceConfig{Account: `NT AUTHORITY\Local Service`},
			}
		},
		"repairing a service while Windows waits for a reboot": func(in *plan.Input) {
			in.Observed, in.Manifest = running(in.Desired)
			in.Observed.Facts.PendingReboot = []string{"Windows Update"}
			kubelet := in.Observed.Services["KUBELET"]
			kubelet.Status = state.ServiceStopped
			in.Observed.Services["KUBELET"] = kubelet
		},
		"a language in another case": func(in *plan.Input) {
			in.Desired.Requirements.Languages = []string{"EN-us"}
		},
		"a host of another owner of whom nothing is left": func(in *plan.Input) {
			in.Manifest.Owner = "cluster-2"
		},
		"a bad hostname that is going to change": func(in *plan.Input) {
			in.Observed.Facts.Hostname, in.Desired.Hostname = "WIN_SRV", "win-1"
		},
		"going away from a host on which everything is wrong": func(in *plan.Input) {
			in.Observed, in.Manifest = running(in.Desired)
			in.Desired = nil
			in.Observed.Facts = state.Facts{Hostname: "WIN_SRV", PendingReboot: []string{"x"}}
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			in := plan.Input{Desired: node(), Observed: bare()}
			change(&in)
			planned := build(t, in)
			if len(planned.Refusals) > 0 || len(planned.Actions) == 0 && !strings.HasPrefix(sentence, "our own") {
				t.Errorf("refused: %v, planned %v", planned.Refusals, steps(planned))
			}
		})
	}
}
