package winhost

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// compile makes a DLL of the C files in a folder of shim.
func (in *Installation) compile(ctx context.Context, dll, folder string, inputs ...string) error {
	sources, err := filepath.Glob(filepath.Join(in.repo, sourceFolder, "shim", folder, "*.c"))
	if err != nil {
		return err
	}
	args := []string{"-shared", "-s", "-O2", "-Wall", "-Wextra", "-Werror", "-o", dll}
	return run(ctx, compiler, slices.Concat(args, sources, inputs)...)
}

func (in *Installation) buildBcryptprimitives(ctx context.Context, out string) error {
	return in.compile(ctx, filepath.Join(out, "bcryptprimitives.dll"), "bcryptprimitives", "-lntdll", "-ladvapi32")
}

// buildSechost makes the DLL that takes the place of Wine's, and next to it Wine's own under another name.
func (in *Installation) buildSechost(ctx context.Context, out string) error {
	original, err := os.ReadFile(filepath.Join(in.root, wineDLLs, "sechost.dll"))
	if err != nil {
		return err
	}
	definition, err := in.defineSechost(original)
	if err != nil {
		return err
	}
	if err := setBuiltin(original, false); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "sechost_real.dll"), original, 0o644); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "winhost-sechost-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // What stays is in the folder for temporary files.
	exports := filepath.Join(work, "exports.def")
	if err := os.WriteFile(exports, []byte(definition), 0o600); err != nil {
		return err
	}
	inputs := []string{exports}
	for _, name := range []string{"registry", "imports"} {
		library := filepath.Join(work, "lib"+name+".a")
		imports := filepath.Join(in.repo, sourceFolder, "shim/sechost", name+".def")
		if err := run(ctx, "x86_64-w64-mingw32-dlltool", "--input-def", imports, "--output-lib", library); err != nil {
			return err
		}
		inputs = append(inputs, library)
	}
	return in.compile(ctx, filepath.Join(out, "sechost.dll"), "sechost", inputs...)
}

// defineSechost lists what the DLL exports: everything that Wine's does, of which it has some itself.
func (in *Installation) defineSechost(original []byte) (string, error) {
	names, err := exportedNames(original)
	if err != nil {
		return "", err
	}
	own, err := in.replacedFunctions()
	if err != nil {
		return "", err
	}
	for name := range own {
		if !slices.Contains(names, name) {
			return "", fmt.Errorf("Wine's has no %s: is this another Wine?", name) //nolint:staticcheck // A name.
		}
	}
	definition := strings.Builder{}
	definition.WriteString("LIBRARY sechost.dll\nEXPORTS\n")
	for _, name := range names {
		if !own[name] {
			name += "=sechost_real." + name
		}
		definition.WriteString(name + "\n")
	}
	return definition.String(), nil
}

// replacedFunctions finds what the C files of sechost.dll export.
func (in *Installation) replacedFunctions() (map[string]bool, error) {
	sources, err := filepath.Glob(filepath.Join(in.repo, sourceFolder, "shim/sechost/*.c"))
	if err != nil {
		return nil, err
	}
	export := regexp.MustCompile(`(?m)^EXPORT \w+ WINAPI (\w+)\(`)
	names := map[string]bool{}
	for _, source := range sources {
		content, err := os.ReadFile(source)
		if err != nil {
			return nil, err
		}
		for _, match := range export.FindAllSubmatch(content, -1) {
			names[string(match[1])] = true
		}
	}
	return names, nil
}
