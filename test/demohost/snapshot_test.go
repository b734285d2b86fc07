package demohost

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestASnapshotOfTheRegistryHasKeysAndValues(t *testing.T) {
	got := snapshot{}
	got.addRegistry("\r\nHKEY_LOCAL_MACHINE\\System\\x\r\n    Start    REG_DWORD    0x2\r\n    (Default)    REG_SZ    a b\r\n\r\nHKEY_LOCAL_MACHINE\\System\\y\r\n")
	want := snapshot{
		`key HKEY_LOCAL_MACHINE\System\x`: "", `key HKEY_LOCAL_MACHINE\System\y`: "",
		`value HKEY_LOCAL_MACHINE\System\x\Start`: "REG_DWORD    0x2", `value HKEY_LOCAL_MACHINE\System\x\(Default)`: "REG_SZ    a b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryDifferenceIsTold(t *testing.T) {
	before := snapshot{"path a": "1", "path b": "1", "path c": "1"}
	if err := before.compare(snapshot{"path a": "1", "path b": "1", "path c": "1"}); err != nil {
		t.Errorf("no difference: %v", err)
	}
	err := before.compare(snapshot{"path a": "2", "path c": "1", "path d": "1"})
	const want = "it is not what it was before:\n  path a was 1, and is 2\n  path b is not there any more\n  path d was not there before"
	if err == nil || err.Error() != want {
		t.Errorf("want\n%s\ngot\n%v", want, err)
	}
}

func TestOnlyWhatChangesByItselfIsLeftOut(t *testing.T) {
	for path, want := range map[string]bool{
		`C:\windows\temp\x`: true, `C:\ProgramData\winhost\logs\a.log`: true, `C:\users\Administrator\AppData\Local\Temp\x`: true,
		`C:\ProgramData\mullion\lock`: false, `C:\Windows\mullion`: false, `C:\windows\temporary`: false,
	} {
		if got := volatile(path); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
}
