// Package version tells which build of the program is running, from what the Go toolchain stamps into the
// binary: nothing has to be passed to the linker.
package version

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Info is what is known about a build of the program. What is not known is empty.
type Info struct {
	// Version is the version of the main module: a release such as "v0.2.0", a version that Go derives from
	// the commit, or "(devel)" where the program was built outside a repository.
	Version string
	// Revision is the commit, and Modified tells that the sources differed from it.
	Revision string
	Modified bool
	// GoVersion and Platform are those of the build, such as "go1.26.8" and "linux/amd64".
	GoVersion string
	Platform  string
}

// Get reads what was stamped into the running program.
func Get() Info {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}
	return from(build)
}

func from(build *debug.BuildInfo) Info {
	info := Info{
		Version:   cmp.Or(build.Main.Version, "(devel)"),
		GoVersion: cmp.Or(build.GoVersion, runtime.Version()),
		Platform:  runtime.GOOS + "/" + runtime.GOARCH,
	}
	for _, setting := range build.Settings {
		switch setting.Key {
		case "vcs.revision":
			info.Revision = setting.Value
		case "vcs.modified":
			info.Modified = setting.Value == "true"
		}
	}
	return info
}

// String is the build in one line, such as
// "v0.2.0 (1fd1997f3c0a, go1.26.8, linux/amd64)".
func (i Info) String() string {
	if i.Revision == "" {
		return fmt.Sprintf("%s (%s, %s)", i.Version, i.GoVersion, i.Platform)
	}
	return fmt.Sprintf("%s (%s, %s, %s)", i.Version, i.commit(), i.GoVersion, i.Platform)
}

// commit is the beginning of the revision, by which people name commits, and whether it is what was built.
func (i Info) commit() string {
	const length = 12
	commit := i.Revision[:min(length, len(i.Revision))]
	if i.Modified {
		commit += "+changes"
	}
	return commit
}

// UserAgent names the program to the API server, whose audit log and metrics show it.
func (i Info) UserAgent(program string) string {
	return fmt.Sprintf("mullion-%s/%s (%s)", program, i.Version, i.Platform)
}
