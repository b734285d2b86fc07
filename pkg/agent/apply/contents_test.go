package apply_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
)

// kept are the contents that a host keeps.
func kept(m *memhost.Machine) []string {
	var contents []string
	for name := range m.Snapshot() {
		if digest, isContent := strings.CutPrefix(name, "path "+store.DefaultRoot.Join("content").String()+`\`); isContent {
			content, _ := m.ReadFile(store.DefaultRoot.Join("content", digest))
			contents = append(contents, content)
		}
	}
	slices.Sort(contents)
	return contents
}

func expectKept(t *testing.T, m *memhost.Machine, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, kept(m)); diff != "" {
		t.Errorf("kept is (-want +got):\n%s", diff)
	}
}

func TestWhatTheSavedStateNeedsIsKeptAndNothingElse(t *testing.T) {
	m := configured(t)
	mustApply(t, m, desired("v1"))
	expectKept(t, m, "containerd v1", "csi", "kubelet v1", "proxy v1")
	upload(m, append(contents("v2"), "what nobody needs")...)
	mustApply(t, m, desired("v2"))
	expectKept(t, m, "containerd v2", "kubelet v2", "proxy v2")
	upload(m, "what nobody needs", "proxy v1", "csi")
	mustApply(t, m, desired("v1")) // Its programs but these are there, side by side.
	expectKept(t, m, "containerd v1", "csi", "kubelet v1", "proxy v1")
	m.RemoveFile(store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte("csi"))))
	mustApply(t, m, desired("v1"))
	expectKept(t, m, "containerd v1", "csi", "kubelet v1", "proxy v1")
	mustRemove(t, m)
	expectKept(t, m)
}

func TestADiskWithoutRoomForWhatIsKeptIsTold(t *testing.T) {
	m := configured(t)
	mustApply(t, m, desired("v1"))
	m.RemoveFile(store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte("csi"))))
	m.Fill(2)
	a := applier(m)
	var notes []string
	a.Progress = func(event apply.Event) {
		if event.Note != "" {
			notes = append(notes, event.Note)
		}
	}
	if _, err := a.Apply(t.Context(), desired("v1"), apply.NoSkew); err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], `C:\k\csi.exe`) {
		t.Errorf("told is %q", notes)
	}
	expectKept(t, m, "containerd v1", "kubelet v1", "proxy v1")
}
