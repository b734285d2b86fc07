package apply_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
)

func TestASecondPlanAfterApplyIsEmpty(t *testing.T) {
	m := adminsHost(t)
	for _, version := range []string{"v1", "v2", "v1"} {
		upload(m, contents(version)...)
		d := desired(version)
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
		if report := mustApply(t, m, d); report.Done == 0 {
			t.Errorf("applying %s did nothing", version)
		}
		planned, _, err := applier(m).Plan(t.Context(), d, apply.NoSkew)
		if err != nil || !planned.Empty() {
			t.Errorf("after applying %s: %v, error %v", version, planned, err)
		}
		for _, service := range []string{"containerd", "kubelet", "kube-proxy", "Spooler"} {
			if !m.Running(service) {
				t.Errorf("after applying %s, %s does not run", version, service)
			}
		}
	}
}

func TestAPassThatChangesNothingWritesNothing(t *testing.T) {
	m := adminsHost(t)
	upload(m, contents("v1")...)
	mustApply(t, m, desired("v1"))
	m = m.Clone()
	mustApply(t, m, desired("v1"))
	if operations := m.Operations(); len(operations) > 1 { // making the root directory, which is there
		t.Errorf("it did %q", operations)
	}
}

func TestRemoveRestoresTheHostExactly(t *testing.T) {
	m := adminsHost(t)
	before := m.Snapshot()
	for _, version := range []string{"v1", "v2"} {
		upload(m, contents(version)...)
		mustApply(t, m, desired(version))
	}
	m.WriteFile(`C:\var\lib\kubelet\pods\1\volume`, "left by kubelet")
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Errorf("the host has changed (-before +after):\n%s", diff)
	}
	if report := mustRemove(t, m); report.Done != 0 {
		t.Errorf("removing again did %v", report.Plan.Actions)
	}
}
