package atomicfile_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// wanted is a host on which every file is still to be there.
func wanted(winpath.Path) bool { return true }

func TestAProgramThatMadeWayDoesNotComeBackToWhereNothingIsToBe(t *testing.T) {
	aside := state.Aside{Path: path, Aside: path + ".mullion-old0"}
	m := machine()
	m.RemoveFile(path)
	m.WriteFile(aside.Aside, "older")
	left, err := atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside}, func(winpath.Path) bool { return false })
	_, came := m.ReadFile(path)
	_, stays := m.ReadFile(aside.Aside)
	if err != nil || len(left) > 0 || came || stays {
		t.Errorf("error %v, %v left, came back %t, stays aside %t", err, left, came, stays)
	}
}

func TestRecover(t *testing.T) {
	aside := state.Aside{Path: path, Aside: path + ".mullion-old0"}
	m := machine()
	m.WriteFile(aside.Aside, "older")
	release := m.Hold(aside.Aside)
	left, err := atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside}, wanted)
	if diff := cmp.Diff([]state.Aside{aside}, left); diff != "" || err != nil {
		t.Errorf("a program that still runs: %s, error %v", diff, err)
	}
	release()
	left, err = atomicfile.Recover(t.Context(), m.Host().Files, left, wanted)
	if _, there := m.ReadFile(aside.Aside); len(left) > 0 || there || err != nil {
		t.Errorf("a program that has ended: %v left, there %t, error %v", left, there, err)
	}
	m.WriteFile(aside.Aside, "older")
	m.RemoveFile(path)
	for range 2 {
		_, err = atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside}, wanted)
		if content, _ := m.ReadFile(path); content != "older" || err != nil {
			t.Errorf("a program whose successor never came: %q, error %v", content, err)
		}
	}
	m.RemoveFile(path)
	if _, err = atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside}, wanted); err != nil {
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
		if _, err := atomicfile.Recover(t.Context(), m.Host().Files, []state.Aside{aside}, wanted); !errors.Is(err, denied) {
			t.Errorf("%s: error %v", operation, err)
		}
	}
}
