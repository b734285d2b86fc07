package rollout

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestDecide(t *testing.T) {
	const (
		turn    = v1alpha1.ReasonAwaitingTurn
		halted  = v1alpha1.ReasonRolloutHalted
		remove  = v1alpha1.DisruptionRemove
		retire  = v1alpha1.DisruptionRetire
		reboot  = v1alpha1.DisruptionReboot
		replace = v1alpha1.DisruptionReplace
		join    = v1alpha1.DisruptionJoin
	)
	may := Decision{May: true}
	nightly := open("0 22 * * *", "UTC", 4*time.Hour)
	outside := Decision{false, v1alpha1.ReasonOutsideWindow, "Waits for the maintenance window that opens at 2026-03-11T22:00:00Z.", 10 * time.Hour}
	isPaused := Decision{false, v1alpha1.ReasonRolloutPaused, "The rollout is paused by spec.rollout.paused of the policy.", 5 * time.Minute}
	haltedByA := Decision{false, halted, `Halted: prod/a failed with generation 2 of WindowsNodeConfig "general", and the failure budget is 1. ` +
		`It goes on when WindowsNodeConfig "general" is changed, when they are up to date or removed, or with a larger failureBudget.`, 5 * time.Minute}
	waits := func(message string) Decision { return Decision{false, turn, message, 15 * time.Second} }

	for sentence, c := range map[string]struct {
		policy    v1alpha1.RolloutPolicy
		hosts     []Host
		candidate string // x where it is not said.
		want      Decision
	}{
		"the only host may go":     {hosts: []Host{serving("x", toChange)}, want: may},
		"the first by name may go": {hosts: []Host{serving("x", toChange), serving("y", toChange)}, want: may},
		"the second waits for the first": {
			hosts: []Host{serving("w", toChange), serving("x", toChange)},
			want:  waits("Waits for prod/w (comes first); 1 of 2 hosts may be out of service at once."),
		},
		"the older comes before the first by name": {
			hosts: []Host{serving("a", toChange, created(time.Hour)), serving("x", toChange, created(2*time.Hour))}, want: may,
		},
		"what has begun is brought to its end, whatever keeps others": {
			policy: policy(pausedPolicy, nightly), hosts: []Host{serving("a", changing), serving("b", down), serving("x", changing)}, want: may,
		},
		"a host that is being changed keeps the next": {
			hosts: []Host{serving("a", changing), serving("x", toChange)},
			want:  waits("Waits for prod/a (Change); 1 of 2 hosts may be out of service at once."),
		},
		"a host that is out of service for another reason keeps the next": {
			hosts: []Host{serving("a", down), serving("x", toChange)},
			want:  waits("Waits for prod/a (out of service: NodeNotReady); 1 of 2 hosts may be out of service at once."),
		},
		"several are told of by the first of them": {
			policy: policy(atOnce("2")),
			hosts:  []Host{serving("a", down), serving("b", changing), serving("c", toChange), serving("x", toChange)},
			want:   waits("Waits for prod/b (Change) and 2 others; 2 of 4 hosts may be out of service at once."),
		},
		"hosts that wait longer ask less often": {
			hosts: append(many(40, toChange), serving("x", toChange)),
			want:  Decision{false, turn, "Waits for prod/h00 (comes first) and more than 10 others; 1 of 41 hosts may be out of service at once.", 5 * time.Minute},
		},
		"as many may go as there is room for": {
			policy: policy(atOnce("3")),
			hosts:  []Host{serving("a", changing), serving("b", toChange), serving("x", toChange), serving("y", toChange)}, want: may,
		},
		"a percentage is rounded down": {
			policy: policy(atOnce("50%")), hosts: []Host{serving("a", changing), serving("b"), serving("x", toChange)},
			want: waits("Waits for prod/a (Change); 1 of 3 hosts may be out of service at once."),
		},
		"a percentage of few is one": {policy: policy(atOnce("1%")), hosts: []Host{serving("x", toChange), serving("b")}, want: may},
		"a percentage is of the hosts that have joined": {
			policy: policy(atOnce("50%")), hosts: []Host{serving("a", changing), serving("x", toChange), serving("n", withoutNode), serving("m", withoutNode)},
			want: waits("Waits for prod/a (Change); 1 of 2 hosts may be out of service at once."),
		},
		"a host that is out of service itself does not count twice": {hosts: []Host{serving("a"), serving("x", toChange, down)}, want: may},
		"a host that is out of service takes nothing from anybody when it is changed": {
			hosts: []Host{serving("a", down), serving("b", down), serving("x", toChange, down)}, want: may,
		},
		"a host that is out of service comes before those that serve": {
			hosts: []Host{serving("a", toChange, down), serving("x", toChange)},
			want:  waits("Waits for prod/a (comes first); 1 of 2 hosts may be out of service at once."),
		},
		"hosts that are out of service are changed no more at once than others": {
			hosts: []Host{serving("a", changing), serving("x", toChange, down)},
			want:  waits("Waits for prod/a (Change); 1 of 2 hosts may be out of service at once."),
		},
		"a host whose pods would be stranded holds up nobody": {
			hosts: []Host{serving("a", blocked("")), serving("x", toChange)}, want: may,
		},
		"a host whose pods would be stranded may ask again": {
			hosts: []Host{serving("x", blocked("")), serving("y")}, want: may,
		},
		"a host that joins counts against nothing": {
			hosts: []Host{serving("a", inTurn(join), withoutNode), serving("x", toChange)}, want: may,
		},
		"joining heeds nothing": {
			policy: policy(pausedPolicy, nightly), hosts: []Host{serving("a", changing), serving("x", wants(join), withoutNode)}, want: may,
		},
		"a host that never joined has nothing to interrupt": {
			policy: policy(pausedPolicy), hosts: []Host{serving("a", changing), serving("x", toChange, withoutNode)}, want: may,
		},
		"a pause keeps a change":  {policy: policy(pausedPolicy), hosts: []Host{serving("x", toChange)}, want: isPaused},
		"a pause keeps a retired": {policy: policy(pausedPolicy), hosts: []Host{serving("x", wants(retire))}, want: isPaused},
		"a pause keeps a reboot":  {policy: policy(pausedPolicy), hosts: []Host{serving("x", wants(reboot))}, want: isPaused},
		"a pause does not keep a removal": {
			policy: policy(pausedPolicy, nightly), hosts: []Host{serving("x", wants(remove))}, want: may,
		},
		"the limit keeps a removal": {
			hosts: []Host{serving("a", changing), serving("x", wants(remove))},
			want:  waits("Waits for prod/a (Change); 1 of 2 hosts may be out of service at once."),
		},
		"a removal comes before a change":                  {hosts: []Host{serving("a", toChange), serving("x", wants(remove))}, want: may},
		"a change that is paused does not keep a removal":  {policy: policy(pausedPolicy), hosts: []Host{serving("a", toChange), serving("x", wants(remove))}, want: may},
		"no window is open":                                {policy: policy(nightly), hosts: []Host{serving("x", toChange)}, want: outside},
		"one window of two is open":                        {policy: policy(nightly, open("0 11 * * WED", "UTC", 2*time.Hour)), hosts: []Host{serving("x", toChange)}, want: may},
		"a failure halts what others are to be changed to": {hosts: []Host{serving("a", rolledBack), serving("x", toChange)}, want: haltedByA},
		"a failure halts replacing as well":                {hosts: []Host{serving("a", rolledBack), serving("x", wants(replace))}, want: haltedByA},
		"fewer failures than the budget has halt nothing": {
			policy: policy(budget(2)), hosts: []Host{serving("a", rolledBack), serving("x", toChange)}, want: may,
		},
		"a failure of another change halts nothing": {
			hosts: []Host{serving("a", rolledBack, func(h *Host) { h.Wanted = Change{"other", 7, "other"} }), serving("x", toChange)}, want: may,
		},
		"a failure does not keep the host itself from trying again": {hosts: []Host{serving("x", toChange, rolledBack), serving("y")}, want: may},
		"a failure does not keep a retired host":                    {hosts: []Host{serving("a", rolledBack), serving("x", wants(retire))}, want: may},
		"a failure does not keep a reboot":                          {hosts: []Host{serving("a", rolledBack), serving("x", wants(reboot))}, want: may},
		"halted hosts do not keep those of another change": {
			hosts: []Host{serving("a", rolledBack), serving("b", toChange), serving("x", toChange, func(h *Host) { h.Wanted = Change{"other", 7, "other"} })}, want: may,
		},
		"the first of a change is its canary": {policy: policy(canaries(1), atOnce("3")), hosts: []Host{serving("x", toChange), serving("y", toChange), serving("z")}, want: may},
		"no other goes beside the canary": {
			policy: policy(canaries(1), atOnce("3")), hosts: []Host{serving("a", changing), serving("x", toChange), serving("z")},
			want: waits(`Waits for prod/a to be in service for 5m0s with generation 2 of WindowsNodeConfig "general": 0 of 1 canary has proven it.`),
		},
		"no other goes before the canary has gone": {
			policy: policy(canaries(1), atOnce("3")), hosts: []Host{serving("a", toChange), serving("x", toChange), serving("z")},
			want: waits(`Waits for the first host to be changed to be in service for 5m0s with generation 2 of WindowsNodeConfig "general": 0 of 1 canary has proven it.`),
		},
		"two canaries may go at once": {policy: policy(canaries(2), atOnce("3")), hosts: []Host{serving("a", changing), serving("x", toChange), serving("z")}, want: may},
		"canaries are waited for until they have been in service for long enough": {
			policy: policy(canaries(1)), hosts: []Host{current("a", changedAgo(time.Minute)), serving("x", toChange)},
			want: Decision{false, turn, `Waits for prod/a to be in service for 5m0s with generation 2 of WindowsNodeConfig "general": 0 of 1 canary has proven it.`, 4 * time.Minute},
		},
		"after the canary the others follow": {policy: policy(canaries(1)), hosts: []Host{current("a", changedAgo(5*time.Minute)), serving("x", toChange)}, want: may},
		"a canary that went out of service is waited for": {
			policy: policy(canaries(1), atOnce("3")), hosts: []Host{current("a", down), serving("x", toChange), serving("y")},
			want: waits(`Waits for prod/a to be in service for 5m0s with generation 2 of WindowsNodeConfig "general": 0 of 1 canary has proven it.`),
		},
		"after a canary that failed another one tries, while the budget lasts": {
			policy: policy(canaries(1), budget(2)), hosts: []Host{serving("a", rolledBack), serving("x", toChange)}, want: may,
		},
		"a canary that is deleted leaves it to the next, beside it": {
			policy: policy(canaries(1), atOnce("2")),
			hosts:  []Host{current("a", changedAgo(time.Minute), outdated, inTurn(v1alpha1.DisruptionRemove)), serving("x", toChange)}, want: may,
		},
		"a canary whose pods would be stranded leaves it to the next": {
			policy: policy(canaries(1)), hosts: []Host{serving("a", blocked("")), serving("x", toChange)}, want: may,
		},
		"a host that has joined with the change proves it": {
			policy: policy(canaries(1)), hosts: []Host{current("new", created(time.Hour), changedAgo(time.Hour)), serving("x", toChange)}, want: may,
		},
		"hosts that are not up to date prove nothing, though they have the generation": {
			policy: policy(canaries(1), atOnce("3")),
			hosts:  []Host{serving("a", changing), serving("b", toChange, func(h *Host) { h.Has = wanted }), serving("x", toChange)},
			want:   waits(`Waits for prod/a to be in service for 5m0s with generation 2 of WindowsNodeConfig "general": 0 of 1 canary has proven it.`),
		},
		"hosts that have what the cluster was before prove nothing of what it is now": {
			policy: policy(canaries(1), atOnce("3")),
			hosts: []Host{
				current("a", func(h *Host) { h.Has, h.Wanted = Change{"general", 2, "before"}, Change{"general", 2, "before"} }),
				serving("b", changing), serving("x", toChange),
			},
			want: waits(`Waits for prod/b to be in service for 5m0s with generation 2 of WindowsNodeConfig "general": 0 of 1 canary has proven it.`),
		},
		"a host that is only to be again as it was rolled back to tries nothing": {
			hosts: []Host{serving("a", rolledBack), serving("x", toChange, rolledBack, func(h *Host) { h.Wanted.Digest = "" })}, want: may,
		},
		"more canaries than hosts are all hosts": {policy: policy(canaries(9), atOnce("3")), hosts: []Host{current("a", changedAgo(time.Hour)), serving("x", toChange)}, want: may},
		"a canary keeps no reboot":               {policy: policy(canaries(1), atOnce("3")), hosts: []Host{serving("a", changing), serving("x", wants(reboot)), serving("y")}, want: may},
		"without settings one host is a canary, and one goes at a time": {
			policy: v1alpha1.RolloutPolicy{}, hosts: []Host{current("a", changedAgo(time.Minute)), serving("x", toChange)},
			want: Decision{false, turn, `Waits for prod/a to be in service for 5m0s with generation 2 of WindowsNodeConfig "general": 0 of 1 canary has proven it.`, 4 * time.Minute},
		},
		"settings that cannot be read keep everything": {
			policy: policy(open("0 25 * * *", "UTC", time.Hour), atOnce("many")), hosts: []Host{serving("x", toChange)},
			want: Decision{false, halted, "Nothing begins before the policy's settings are corrected: " +
				`spec.rollout.maxUnavailable: invalid value for IntOrString: invalid type: string is not a percentage; ` +
				"spec.rollout.maintenanceWindows[0].schedule: end of range (25) above maximum (23): 25.", 5 * time.Minute},
		},
		"settings that cannot be read do not keep a removal": {
			policy: policy(open("0 25 * * *", "UTC", time.Hour)), hosts: []Host{serving("x", wants(remove))}, want: may,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			given := c.policy
			if given.Canary == nil && sentence != "without settings one host is a canary, and one goes at a time" {
				given.Canary = ptr[int32](0)
			}
			backwards := slices.Clone(c.hosts)
			slices.Reverse(backwards)
			for _, hosts := range [][]Host{c.hosts, backwards} {
				got, err := Decide(given, hosts, key("x"), now)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestAHostThatCannotBeDecidedAboutIsAnError(t *testing.T) {
	for sentence, hosts := range map[string][]Host{
		"it is none of the policy's": {serving("y", toChange)},
		"it wants nothing":           {serving("x")},
	} {
		if _, err := Decide(policy(), hosts, key("x"), now); err == nil {
			t.Errorf("%s: there is no error", sentence)
		}
	}
}
