package apply_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// called is a host that shall have a name, and nothing else but maybe features.
func called(name string, features ...string) *state.Desired {
	d := &state.Desired{Schema: state.Schema, Owner: "cluster-1", Hostname: name}
	for _, feature := range features {
		d.Features = append(d.Features, state.Feature{Name: feature})
	}
	return d
}

func TestAPendingRebootIsToldUntilTheHostHasBooted(t *testing.T) {
	for sentence, test := range map[string]struct {
		before, desired *state.Desired
		first, again    []string
	}{
		"of a name": {
			desired: called("node-1"),
			first:   []string{"To update hostname/computer takes effect with the next boot."},
			again:   []string{"The host is called node-1 from the next boot on."},
		},
		"of a feature": {
			desired: called("", "Containers"),
			first:   []string{"To update feature/Containers takes effect with the next boot."},
			again:   []string{"The feature Containers is enabled with the next boot."},
		},
		"of a feature that is no longer desired": {
			before: called("", "Containers"), desired: called(""),
			first: []string{"To delete feature/Containers takes effect with the next boot."},
			again: []string{"The feature Containers is disabled with the next boot."},
		},
		"of a name that is no longer desired": {
			before: called("node-1"), desired: called(""),
			first: []string{"To restore hostname/computer takes effect with the next boot."},
			again: []string{"The host is called win-1 from the next boot on."},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := memhost.New()
			if test.before != nil {
				mustApply(t, m, test.before)
				m.Reboot()
			}
			expectReboot(t, test.first, mustApply(t, m, test.desired).RebootRequired)
			for range 2 { // Each is another process.
				report := mustApply(t, m, test.desired)
				expectReboot(t, test.again, report.RebootRequired)
				planned, _, err := applier(m).Plan(t.Context(), test.desired, apply.NoSkew)
				if err != nil || planned.Empty() || len(planned.Actions) > 0 {
					t.Errorf("planned %+v, error %v", planned, err)
				}
				expectReboot(t, test.again, planned.RebootRequired)
			}
			m.Reboot()
			expectReboot(t, nil, mustApply(t, m, test.desired).RebootRequired)
		})
	}
}

func expectReboot(t *testing.T, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the reasons (-want +got):\n%s", diff)
	}
}

func TestARebootThatSomebodyElseHasMadeUnnecessaryIsNotAskedFor(t *testing.T) {
	m := memhost.New()
	mustApply(t, m, called("node-1"))
	mustApply(t, m, called(""))
	if reboot := mustApply(t, m, called("")).RebootRequired; len(reboot) > 0 {
		t.Errorf("the name is what it was, and it is asked for %q", reboot)
	}
}

func TestARebootThatSomebodyElseWantsIsNotOurs(t *testing.T) {
	m := memhost.New()
	m.SetFacts(func(facts *state.Facts) { facts.PendingReboot = []string{"Windows Update"} })
	if err := m.Host().System.SetHostname(t.Context(), "theirs"); err != nil {
		t.Fatal(err)
	}
	if reboot := mustApply(t, m, called("")).RebootRequired; len(reboot) > 0 {
		t.Errorf("it is asked for %q", reboot)
	}
}

func TestAPendingRebootIsToldWhereverAnAgentWasKilled(t *testing.T) {
	start := memhost.New()
	mustApply(t, start, called("", "Containers"))
	start.Reboot()
	for n := 1; ; n++ {
		m := start.Clone()
		m.CutAt(n)
		_, err := tryApply(t, m, called(""))
		if !m.WasCut() {
			return
		}
		if err == nil {
			t.Fatalf("cut at %d: no error", n)
		}
		m.Kill()
		if reboot := mustApply(t, m, called("")).RebootRequired; len(reboot) == 0 {
			t.Fatalf("cut at %d, after %s: nobody tells that the feature goes with a boot", n, last(m.Operations()))
		}
	}
}
