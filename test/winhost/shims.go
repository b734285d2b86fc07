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

// additions are the DLLs that Wine has none of, each with the libraries that it is linked with.
func additions() map[string][]string {
	return map[string][]string{"dismapi": {"-ladvapi32"}, "computenetwork": {"-lole32", "-ladvapi32"}}
}

func (in *Installation) buildAdditions(ctx context.Context, out string) error {
	for name, libraries := range additions() {
		if err := in.compile(ctx, filepath.Join(out, name+".dll"), name, libraries...); err != nil {
			return fmt.Errorf("building %s.dll: %w", name, err)
		}
	}
	return nil
}

// replacement is a DLL that takes the place of Wine's, which is beside it under another name, NAME_real.dll. It has the
// functions that its C files export; all others are Wine's.
type replacement struct {
	name string
	// imports are definitions, in the DLL's folder, of functions that it uses of other DLLs, in the order in which they
	// are linked.
	imports []string
	// additions are the functions that it exports and Wine's does not have.
	additions []string
}

// replacements are those of all hosts.
func replacements() []replacement {
	return []replacement{
		{name: "sechost", imports: []string{"registry", "imports"}},
		{
			name: "iphlpapi", imports: []string{"imports"},
			additions: []string{"CreateIpForwardEntry2", "DeleteIpForwardEntry2"},
		},
	}
}

func (in *Installation) buildReplacement(ctx context.Context, r replacement, out string) error {
	original, err := os.ReadFile(filepath.Join(in.root, wineDLLs, r.name+".dll"))
	if err != nil {
		return err
	}
	definition, err := in.define(r, original)
	if err != nil {
		return err
	}
	if err := setBuiltin(original, false); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, r.name+"_real.dll"), original, 0o644); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "winhost-"+r.name+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // What stays is in the folder for temporary files.
	exports := filepath.Join(work, "exports.def")
	if err := os.WriteFile(exports, []byte(definition), 0o600); err != nil {
		return err
	}
	inputs := []string{exports}
	for _, name := range r.imports {
		library := filepath.Join(work, "lib"+name+".a")
		imports := filepath.Join(in.repo, sourceFolder, "shim", r.name, name+".def")
		if err := run(ctx, "x86_64-w64-mingw32-dlltool", "--input-def", imports, "--output-lib", library); err != nil {
			return err
		}
		inputs = append(inputs, library)
	}
	return in.compile(ctx, filepath.Join(out, r.name+".dll"), r.name, inputs...)
}

// define lists what the DLL exports: everything that Wine's does, of which it has some itself, and its additions.
func (in *Installation) define(r replacement, original []byte) (string, error) {
	names, err := exportedNames(original)
	if err != nil {
		return "", err
	}
	names = append(names, r.additions...)
	own, err := in.replacedFunctions(r)
	if err != nil {
		return "", err
	}
	for name := range own {
		if !slices.Contains(names, name) {
			return "", fmt.Errorf("Wine's has no %s: is this another Wine?", name) //nolint:staticcheck // A name.
		}
	}
	definition := strings.Builder{}
	definition.WriteString("LIBRARY " + r.name + ".dll\nEXPORTS\n")
	for _, name := range names {
		if !own[name] {
			name += "=" + r.name + "_real." + name
		}
		definition.WriteString(name + "\n")
	}
	return definition.String(), nil
}

// replacedFunctions finds what the C files of a replacement export.
func (in *Installation) replacedFunctions(r replacement) (map[string]bool, error) {
	sources, err := filepath.Glob(filepath.Join(in.repo, sourceFolder, "shim", r.name, "*.c"))
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
