package atomicfile_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestRecover(t *testing.T) {
	aside := state.Aside{Path: path, Aside: path + ".mullion-old0"}
	m := machine()
	m.WriteFile(aside.Aside, "older")
	release := m.Hold(aside.Aside)
	left, err := atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside})
	if diff := cmp.Diff([]state.Aside{aside}, left); diff != "" || err != nil {
		t.Errorf("a program that still runs: %s, error %v", diff, err)
	}
	release()
	left, err = atomicfile.Recover(t.Context(), m.Host().Files, left)
	if _, there := m.ReadFile(aside.Aside); len(left) > 0 || there || err != nil {
		t.Errorf("a program that has ended: %v left, there %t, error %v", left, there, err)
	}
	m.WriteFile(aside.Aside, "older")
	m.RemoveFile(path)
	for range 2 {
		_, err = atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside})
		if content, _ := m.ReadFile(path); content != "older" || err != nil {
			t.Errorf("a program whose successor never came: %q, error %v", content, err)
		}
	}
	m.RemoveFile(path)
	if _, err = atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside}); err != nil {
		t.Errorf("when both are gone: %v", err)
	}
}

func TestRecoverReportsWhatItCannotDo(t *testing.T) {
	aside := state.Aside{Path: path, Aside: path + ".mullion-old0"}
	denied := errors.New("access is denied")
	for _, operation := range []string{"Rename", "Remove"} {
		m := machine()
		m.WriteFile(aside.Aside, "older")
		if operation == "Rename" {
			m.RemoveFile(path)
		}
		m.Fail(func(failing, _ string) error {
			if failing == operation {
				return denied
			}
			return nil
		})
		if _, err := atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside}); !errors.Is(err, denied) {
			t.Errorf("%s: error %v", operation, err)
		}
	}
}
