package version

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestVersionInOneLine(t *testing.T) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	for name, test := range map[string]struct {
		build debug.BuildInfo
		want  string
	}{
		"a release names its commit": {
			debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v0.2.0"}, Settings: []debug.BuildSetting{revision}},
			"v0.2.0 (0123456789ab, go1.26.8, " + platform + ")",
		},
		"a build of changed sources says so": {
			debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v0.2.0"}, Settings: []debug.BuildSetting{
				revision, {Key: "vcs.modified", Value: "true"},
			}},
			"v0.2.0 (0123456789ab+changes, go1.26.8, " + platform + ")",
		},
		"a build outside a repository has no commit": {
			debug.BuildInfo{GoVersion: "go1.26.8"},
			"(devel) (go1.26.8, " + platform + ")",
		},
		"a short revision is not cut": {
			debug.BuildInfo{GoVersion: "go1.26.8", Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "ab"}}},
			"(devel) (ab, go1.26.8, " + platform + ")",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := from(&test.build).String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheUserAgentNamesTheProgram(t *testing.T) {
	info := Info{Version: "v0.2.0", Platform: "linux/amd64"}
	if got, want := info.UserAgent("webhook"), "mullion-webhook/v0.2.0 (linux/amd64)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheRunningProgramKnowsItsToolchain(t *testing.T) {
	if got := Get().GoVersion; got != runtime.Version() {
		t.Errorf("got %q, want %q", got, runtime.Version())
	}
}
