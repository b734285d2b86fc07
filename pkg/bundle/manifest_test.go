package bundle_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/bundle"
)

func file(path string) bundle.File {
	return bundle.File{Path: path, Size: 3, SHA256: strings.Repeat("ab", 32), Component: "kubernetes", Version: "v1.37.2"}
}

func manifest(files ...bundle.File) *bundle.Manifest {
	return &bundle.Manifest{Schema: bundle.Schema, Files: files}
}

func TestAManifestIsReadAsItWasWritten(t *testing.T) {
	want := manifest(file("cni/win-overlay.exe"), file("kubelet.exe"))
	raw, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := bundle.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if found, ok := got.Find("CNI/Win-Overlay.EXE"); !ok || found.Path != "cni/win-overlay.exe" {
		t.Error("a file is found by its name only in one case")
	}
	if _, ok := got.Find("cni"); ok {
		t.Error("a directory is found as a file")
	}
}

func TestWhatCouldHarmAHostIsRefused(t *testing.T) {
	with := func(change func(f *bundle.File)) *bundle.Manifest {
		f := file("kubelet.exe")
		change(&f)
		return manifest(f)
	}
	many := manifest()
	for i := range bundle.MaxFiles + 1 {
		many.Files = append(many.Files, file(fmt.Sprintf("f%05d", i)))
	}
	large := manifest()
	for i := range 9 {
		f := file(fmt.Sprintf("f%d", i))
		f.Size = bundle.MaxFileSize
		large.Files = append(large.Files, f)
	}
	for want, m := range map[string]*bundle.Manifest{
		`schema is "v9", and only mullion.dev/node-bundle/v1 is known`: {Schema: "v9"},
		"it lists no files":                                                         manifest(),
		"it lists more than 1024 files":                                             many,
		"its files have 9663676416 bytes, more than 8589934592":                     large,
		`file "../kubelet.exe": its path is none on Windows: `:                      manifest(file("../kubelet.exe")),
		`file "a/../../b": its path is none on Windows: `:                           manifest(file("a/../../b")),
		`file "/k/kubelet.exe": its path is not relative, or not that of a file`:    manifest(file("/k/kubelet.exe")),
		`file "cni/": its path is not relative, or not that of a file`:              manifest(file("cni/")),
		`file "": its path is not relative, or not that of a file`:                  manifest(file("")),
		`file "C:/k": its path is none on Windows: `:                                manifest(file("C:/k")),
		`file "a\\b": its path has a backslash; bundles use slashes`:                manifest(file(`a\b`)),
		`file "NUL.exe": its path is none on Windows: `:                             manifest(file("NUL.exe")),
		`file "a.exe:x": its path is none on Windows: `:                             manifest(file("a.exe:x")),
		`file "x. ": its path is none on Windows: `:                                 manifest(file("x. ")),
		`file "a": it comes after "b", but files are sorted by path`:                manifest(file("b"), file("a")),
		`file "a.exe": Windows cannot tell it from "A.exe"`:                         manifest(file("A.exe"), file("a.exe")),
		`file "a/b": it is below "a", which is a file`:                              manifest(file("a"), file("a/b")),
		`file "kubelet.exe": sha256 "AB" is not 64 lower-case hexadecimal digits`:   with(func(f *bundle.File) { f.SHA256 = "AB" }),
		`file "kubelet.exe": size -1 is not between 0 and 1073741824 bytes`:         with(func(f *bundle.File) { f.Size = -1 }),
		`file "kubelet.exe": size 1073741825 is not between 0 and 1073741824 bytes`: with(func(f *bundle.File) { f.Size = bundle.MaxFileSize + 1 }),
		`file "kubelet.exe": it has no component or no version`:                     with(func(f *bundle.File) { f.Version = "" }),
	} {
		t.Run(want, func(t *testing.T) {
			if err := m.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhatIsNoManifestIsRefused(t *testing.T) {
	for raw, want := range map[string]string{
		"":                          "reading bundle manifest: unexpected end of JSON input",
		`{"schema": 1}`:             "reading bundle manifest: json: cannot unmarshal",
		`{"more": true}`:            `reading bundle manifest: unknown field "more"`,
		`{"schema":"a","files":[]}`: `reading bundle manifest: schema is "a"`,
		strings.Repeat(" ", bundle.MaxManifestBytes+1): "reading bundle manifest: it is larger than 1048576 bytes",
	} {
		if _, err := bundle.Decode([]byte(raw)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// FuzzDecode shows that whatever is accepted stays below the directory it is unpacked to.
func FuzzDecode(f *testing.F) {
	raw, err := manifest(file("cni/a.exe"), file("kubelet.exe")).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(strings.ReplaceAll(string(raw), "cni/", "../")))
	f.Add([]byte(`{"schema":"mullion.dev/node-bundle/v1","files":[{"path":"a\u0000b"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := bundle.Decode(raw)
		if err != nil {
			return
		}
		for _, file := range m.Files {
			if strings.Contains(file.Path, "..") && strings.Contains("/"+file.Path+"/", "/../") || strings.ContainsAny(file.Path, "\\:\x00") {
				t.Errorf("path %q", file.Path)
			}
		}
		again, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bundle.Decode(again); err != nil {
			t.Errorf("what was read cannot be read again: %v", err)
		}
	})
}
