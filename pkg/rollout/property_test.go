package rollout

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// fleet is hosts that live through what happens to hosts, in an order that a seed decides. It keeps nothing but what
// statuses show, so that asking again after a crash is the same as going on.
type fleet struct {
	t        *testing.T
	random   *rand.Rand
	settings v1alpha1.RolloutPolicy
	hosts    []Host
	now      time.Time
}

func newFleet(t *testing.T, seed uint64) *fleet {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, seed))
	f := &fleet{t: t, random: random, now: now, settings: v1alpha1.RolloutPolicy{
		Canary:        ptr(random.Int32N(3)),
		FailureBudget: ptr(1 + random.Int32N(3)),
	}}
	f.settings.MaxUnavailable = ptr(intstr.FromInt32(1 + random.Int32N(4)))
	if random.IntN(2) == 0 {
		f.settings.MaxUnavailable = ptr(intstr.FromString(fmt.Sprintf("%d%%", 1+random.IntN(60))))
	}
	for i := range 2 + random.IntN(12) {
		f.hosts = append(f.hosts, serving(fmt.Sprintf("h%02d", i), toChange, created(time.Duration(random.IntN(5))*time.Hour)))
	}
	return f
}

// ask is what the reconciler of a host does: it asks, and begins what it may.
func (f *fleet) ask(h *Host) bool {
	f.t.Helper()
	shuffled := slices.Clone(f.hosts)
	f.random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	decision, err := Decide(f.settings, f.hosts, h.Key, f.now)
	if err != nil {
		f.t.Fatal(err)
	}
	again, err := Decide(f.settings, shuffled, h.Key, f.now)
	if diff := cmp.Diff(decision, again); err != nil || diff != "" {
		f.t.Fatalf("the order of hosts makes a difference (%v):\n%s", err, diff)
	}
	if !decision.May {
		if decision.RetryAfter <= 0 || decision.Message == "" || decision.Reason == "" {
			f.t.Fatalf("a host that has to wait is told %+v", decision)
		}
		h.Refusal, h.Message = decision.Reason, decision.Message
		return false
	}
	wasOut := !h.Available
	h.Disruption = &v1alpha1.HostDisruption{Reason: h.Wants, Since: metav1.NewTime(f.now)}
	h.Wants, h.Refusal, h.Available = "", "", false
	f.expectWithinLimits(h, wasOut)
	return true
}

func (f *fleet) expectWithinLimits(begun *Host, wasOut bool) {
	f.t.Helper()
	limit := readSettings(&f.settings).limit(len(f.hosts))
	turns, out := 0, 0
	for i := range f.hosts {
		if f.hosts[i].Disruption != nil {
			turns++
		}
		if !f.hosts[i].Available {
			out++
		}
	}
	if turns > limit {
		f.t.Fatalf("%d hosts have a turn, and %d may", turns, limit)
	}
	if !wasOut && out > limit {
		f.t.Fatalf("%s was taken out of service as the %dth, and %d may be", begun.Key, out, limit)
	}
}

// finish ends a host's turn, well or not.
func (f *fleet) finish(h *Host, well bool) {
	h.Disruption, h.Available, h.ReadySince = nil, true, f.now
	if well {
		h.Has, h.AppliedAt, h.UpToDate, h.Failed = h.Wanted, f.now, true, false
	} else {
		h.Failed = true
	}
}

// happen is one thing that happens.
func (f *fleet) happen() {
	h := &f.hosts[f.random.IntN(len(f.hosts))]
	f.now = f.now.Add(time.Duration(f.random.IntN(120)) * time.Second)
	switch n := f.random.IntN(20); {
	case n == 0 && h.Disruption == nil:
		h.Available, h.OutBecause = false, v1alpha1.ReasonNodeNotReady
	case n <= 2 && h.Disruption == nil:
		h.Available, h.ReadySince = true, f.now
	case n == 3: // The configuration is edited, in the middle of the rollout.
		for i := range f.hosts {
			f.hosts[i].Wanted.Generation++
			f.hosts[i].Wanted.Digest += "+"
			f.hosts[i].UpToDate, f.hosts[i].Failed = false, false
			if f.hosts[i].Disruption == nil {
				toChange(&f.hosts[i])
			}
		}
	case n == 4 && h.Disruption == nil:
		wants([]v1alpha1.DisruptionReason{"Remove", "Reboot", "Retire"}[f.random.IntN(3)])(h)
	case h.Disruption != nil:
		f.finish(h, f.random.IntN(6) > 0)
	case h.Wants != "":
		f.ask(h)
	}
}

func TestNoMoreHostsThanMayAreOutOfServiceWhateverHappens(t *testing.T) {
	for seed := range uint64(200) {
		f := newFleet(t, seed)
		for range 400 {
			f.happen()
		}
	}
}

func TestEveryHostHasItsTurnWhateverTheOrderInWhichTheyAsk(t *testing.T) {
	for seed := range uint64(100) {
		f := newFleet(t, seed)
		turns := 0
		for round := 0; turns < len(f.hosts); round++ {
			if round > 4*len(f.hosts) {
				t.Fatalf("seed %d: after %d rounds %d of %d hosts had their turn: %+v", seed, round, turns, len(f.hosts), f.hosts)
			}
			for _, i := range f.random.Perm(len(f.hosts)) {
				if h := &f.hosts[i]; h.Wants != "" && f.ask(h) {
					turns++
				}
			}
			f.now = f.now.Add(10 * time.Minute) // Longer than canaries have to soak.
			for i := range f.hosts {
				if f.hosts[i].Disruption != nil {
					f.finish(&f.hosts[i], true)
				}
			}
		}
	}
}

func TestHostsHaveTheirTurnsInOneOrder(t *testing.T) {
	for seed := range uint64(50) {
		f := newFleet(t, seed)
		f.settings.MaxUnavailable = ptr(intstr.FromInt32(1))
		var order []*Host
		for range 100 * len(f.hosts) {
			h := &f.hosts[f.random.IntN(len(f.hosts))]
			if h.Wants == "" || !f.ask(h) {
				f.now = f.now.Add(time.Minute)
				continue
			}
			order = append(order, h)
			f.finish(h, true)
		}
		if len(order) != len(f.hosts) || !slices.IsSortedFunc(order, compareTurns) {
			t.Fatalf("seed %d: %v", seed, names(order))
		}
	}
}
