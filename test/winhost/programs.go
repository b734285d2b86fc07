package winhost

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// fontsFile configures that there are no fonts.
const fontsFile = "fonts.conf"

// providePrograms builds our programs and DLLs unless they have been built from the same sources by the same Go.
func (in *Installation) providePrograms(ctx context.Context, o SetupOptions) error {
	toolchain, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	if err != nil {
		return fmt.Errorf("asking for the Go version: %w", err)
	}
	modules, err := os.ReadFile(filepath.Join(in.repo, "go.mod"))
	if err != nil {
		return fmt.Errorf("reading go.mod: %w", err)
	}
	var trees []fs.FS
	for _, folder := range []string{"shim", "program", "guest", "powershell"} {
		trees = append(trees, os.DirFS(filepath.Join(in.repo, sourceFolder, folder)))
	}
	digest, err := digestOf(string(toolchain)+string(modules)+in.root, trees...)
	if err != nil {
		return err
	}
	in.programs = filepath.Join(in.cache, "winhost-programs-"+digest)
	if exists(in.programs) {
		return nil
	}
	if err := provideCompiler(ctx, o.Install, o.Log); err != nil {
		return err
	}
	started := time.Now()
	err = whole(in.programs, func(unfinished string) error { return in.buildPrograms(ctx, unfinished, o.Log) })
	if err != nil {
		return err
	}
	say(o.Log, "what we add to Windows is ready after %s", time.Since(started).Round(time.Second))
	return nil
}

func (in *Installation) buildPrograms(ctx context.Context, out string, log io.Writer) error {
	say(log, "building what we add to Windows")
	if err := in.buildBcryptprimitives(ctx, out); err != nil {
		return fmt.Errorf("building bcryptprimitives.dll: %w", err)
	}
	if err := in.buildAdditions(ctx, out); err != nil {
		return err
	}
	for _, r := range replacements() {
		if err := in.buildReplacement(ctx, r, out); err != nil {
			return fmt.Errorf("building %s.dll: %w", r.name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(out, fontsFile), []byte("<fontconfig/>\n"), 0o644); err != nil {
		return fmt.Errorf("configuring no fonts: %w", err)
	}
	for _, program := range []string{"anchor", "shutdown", "sshd", "standin"} {
		if err := BuildProgram(ctx, in.repo, "./"+sourceFolder+"/program/"+program, filepath.Join(out, program+".exe")); err != nil {
			return err
		}
	}
	return nil
}

// BuildProgram builds a Go program for Windows, without cgo, from a package of the module in a folder.
func BuildProgram(ctx context.Context, module, pkg, executable string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", executable, pkg)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s for Windows: %w: %s", pkg, err, tail(string(out)))
	}
	return nil
}
