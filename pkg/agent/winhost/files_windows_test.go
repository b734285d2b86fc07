package winhost

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func write(t *testing.T, path winpath.Path, content string, restricted bool) {
	t.Helper()
	file, err := files{}.Create(t.Context(), path, restricted)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(file, content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path winpath.Path) string {
	t.Helper()
	file, err := files{}.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestCreateMakesAFileAndReplacesOne(t *testing.T) {
	path := directory(t).Join("file")
	for _, restricted := range []bool{true, false} {
		write(t, path, "long content", restricted)
		write(t, path, "short", restricted)
		if got := read(t, path); got != "short" {
			t.Errorf("restricted %t: got %q", restricted, got)
		}
	}
	if _, err := (files{}).Create(t.Context(), path.Join("below"), true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("below a file: %v", err)
	}
	if _, err := (files{}).Create(t.Context(), directory(t), true); err == nil {
		t.Error("a directory was replaced")
	}
}

func TestAppendGoesOnAtTheEnd(t *testing.T) {
	path := directory(t).Join("journal")
	for _, line := range []string{"one\n", "two\n"} {
		file, err := files{}.Append(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(file, line)
		if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, path); got != "one\ntwo\n" {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsNotThereIsNotExist(t *testing.T) {
	missing := directory(t).Join("missing")
	_, stat := files{}.Stat(t.Context(), missing)
	_, list := files{}.List(t.Context(), missing)
	_, open := files{}.Open(t.Context(), missing)
	_, access := files{}.Access(t.Context(), missing)
	for name, err := range map[string]error{
		"Stat": stat, "List": list, "Open": open, "Access": access,
		"Rename":        files{}.Rename(t.Context(), missing, missing+"2"),
		"Remove":        files{}.Remove(t.Context(), missing),
		"MakeDirectory": files{}.MakeDirectory(t.Context(), missing.Join("below")),
	} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStatAndListDescribe(t *testing.T) {
	root := directory(t)
	write(t, root.Join("File"), "12345", false)
	if err := (files{}).MakeDirectory(t.Context(), root.Join("Directory")); err != nil {
		t.Fatal(err)
	}
	if err := (files{}).MakeDirectory(t.Context(), root.Join("directory")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("making it again: %v", err)
	}
	infos, err := files{}.List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]host.FileInfo{}
	for _, info := range infos {
		stat, err := files{}.Stat(t.Context(), root.Join(info.Name))
		if err != nil {
			t.Fatal(err)
		}
		if stat.Type != info.Type || stat.Size != info.Size || !stat.Modified.Equal(info.Modified) {
			t.Errorf("listed as %+v and described as %+v", info, stat)
		}
		if info.Modified.IsZero() {
			t.Errorf("%s has no time", info.Name)
		}
		got[info.Name] = host.FileInfo{Type: info.Type, Size: info.Size}
	}
	want := map[string]host.FileInfo{
		"File": {Type: state.PathFile, Size: 5}, "Directory": {Type: state.PathDirectory},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPathsMayBeLong(t *testing.T) {
	path := directory(t)
	for range 4 {
		path = path.Join(strings.Repeat("x", 100))
		if err := (files{}).MakeDirectory(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	write(t, path.Join("file"), "deep", true)
	if err := (files{}).Rename(t.Context(), path.Join("file"), path.Join("renamed")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path.Join("renamed")); got != "deep" {
		t.Errorf("got %q", got)
	}
}

func TestRenameReplacesAFile(t *testing.T) {
	root := directory(t)
	write(t, root.Join("new"), "new", true)
	write(t, root.Join("old"), "old", false)
	if err := os.Chmod(string(root.Join("old")), 0o400); err != nil { // Read-only.
		t.Fatal(err)
	}
	if err := (files{}).Rename(t.Context(), root.Join("new"), root.Join("OLD")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, root.Join("old")); got != "new" {
		t.Errorf("got %q", got)
	}
}

func TestAProgramThatRunsCanBeRenamedAndNothingElse(t *testing.T) {
	root := directory(t)
	running, next := root.Join("running.exe"), root.Join("next.exe")
	copyOfSelf(t, running)
	write(t, next, "the next version", false)
	kill := other(t, string(running), asSleeper, "-")

	if err := (files{}).Rename(t.Context(), next, running); !errors.Is(err, host.ErrInUse) {
		t.Errorf("replacing it: %v", err)
	}
	if err := (files{}).Remove(t.Context(), running); !errors.Is(err, host.ErrInUse) {
		t.Errorf("deleting it: %v", err)
	}
	aside := root.Join("running.exe.old")
	if err := (files{}).Rename(t.Context(), running, aside); err != nil {
		t.Fatalf("renaming it: %v", err)
	}
	if err := (files{}).Rename(t.Context(), next, running); err != nil {
		t.Errorf("putting another one in its place: %v", err)
	}
	if err := (files{}).Remove(t.Context(), aside); !errors.Is(err, host.ErrInUse) {
		t.Errorf("deleting it under its new name: %v", err)
	}
	kill()
	if err := (files{}).Remove(t.Context(), aside); err != nil {
		t.Errorf("deleting it when it has ended: %v", err)
	}
}

func TestAFileThatIsOpenElsewhereIsInUse(t *testing.T) {
	root := directory(t)
	open := root.Join("open")
	write(t, open, "content", false)
	write(t, root.Join("new"), "new", false)
	handle, err := windows.CreateFile(wide(open), windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer closeRead(handle)
	_, creating := files{}.Create(t.Context(), open, false)
	_, appending := files{}.Append(t.Context(), open)
	for name, err := range map[string]error{
		"Remove": files{}.Remove(t.Context(), open), "Create": creating, "Append": appending,
		"Rename":      files{}.Rename(t.Context(), open, root.Join("elsewhere")),
		"Rename over": files{}.Rename(t.Context(), root.Join("new"), open),
	} {
		if !errors.Is(err, host.ErrInUse) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := read(t, open); got != "content" {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsBeingReadCanBeReplaced(t *testing.T) {
	root := directory(t)
	write(t, root.Join("file"), "old", false)
	write(t, root.Join("new"), "new", false)
	reading, err := files{}.Open(t.Context(), root.Join("file"))
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	if err := (files{}).Rename(t.Context(), root.Join("file"), root.Join("aside")); err != nil {
		t.Error(err)
	}
	if content, err := io.ReadAll(reading); err != nil || string(content) != "old" {
		t.Errorf("got %q, error %v", content, err)
	}
}

func TestRemoveTakesReadOnlyFilesAndEmptyDirectories(t *testing.T) {
	root := directory(t)
	full := root.Join("full")
	if err := (files{}).MakeDirectory(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	write(t, full.Join("file"), "", true)
	if err := (files{}).Remove(t.Context(), full); !errors.Is(err, host.ErrNotEmpty) {
		t.Errorf("a directory with a file: %v", err)
	}
	if err := os.Chmod(string(full.Join("file")), 0o400); err != nil {
		t.Fatal(err)
	}
	for _, path := range []winpath.Path{full.Join("file"), full} {
		if err := (files{}).Remove(t.Context(), path); err != nil {
			t.Error(err)
		}
	}
}

func TestAccessCanBeSetAndIsNotClaimedToBeKnownWhereItIsNot(t *testing.T) {
	path := directory(t).Join("file")
	write(t, path, "", true)
	for _, level := range []state.AccessLevel{state.AccessLevelInherited, state.AccessLevelAdministrators} {
		if err := (files{}).SetAccess(t.Context(), path, state.AccessState{Level: level}); err != nil {
			t.Fatal(err)
		}
		got, err := files{}.Access(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if want := level; got.Level != want && !(underWine() && got.Level == state.AccessLevelUnknown) {
			t.Errorf("set to %s, it is %+v", want, got)
		}
	}
	other := state.AccessState{Level: state.AccessLevelOther, SDDL: "D:P(A;;FA;;;SY)(A;;FR;;;WD)"}
	if err := (files{}).SetAccess(t.Context(), path, other); err != nil {
		t.Error(err)
	}
	if err := (files{}).SetAccess(t.Context(), path, state.AccessState{Level: state.AccessLevelUnknown}); err == nil {
		t.Error("the unknown was set")
	}
}
