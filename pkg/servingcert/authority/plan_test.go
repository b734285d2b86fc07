package authority

import (
	"crypto/x509"
	"errors"
	"testing"
	"time"
)

func TestPlan(t *testing.T) {
	first, second := testCA(t, epoch), testCA(t, epoch.Add(61*day))
	retired := epoch.Add(6 * day)
	alone := &State{Signing: first, RetireAfter: retired}
	staged := &State{Signing: first, Next: second, RetireAfter: retired}

	type result struct {
		step            Step
		signing         *CA // nil signing: a new one
		retireAfter     time.Time
		wantErr, keepIt bool
	}
	cases := map[string]struct {
		state   *State
		at      time.Time
		trusted func(*x509.Certificate) bool
		want    result
	}{
		"without an authority one is created": {
			nil, epoch, nobody,
			result{step: StepCreate, retireAfter: epoch.Add(6*day + 10*time.Minute)},
		},
		"a young CA stays": {
			alone, epoch.Add(59 * day), everybody,
			result{keepIt: true},
		},
		"after two thirds of its life the next CA is staged and does not sign": {
			alone, epoch.Add(60 * day), everybody,
			result{step: StepStage, signing: first, retireAfter: retired},
		},
		"a staged CA that is not trusted waits": {
			staged, epoch.Add(89 * day), nobody,
			result{keepIt: true},
		},
		"a staged CA that is trusted is promoted, and the old one retires after its last leaf": {
			staged, epoch.Add(62 * day), everybody,
			result{step: StepPromote, signing: second, retireAfter: epoch.Add(68*day + 10*time.Minute)},
		},
		"a staged CA is promoted unseen when the signing one expires": {
			staged, epoch.Add(90*day - 10*time.Minute), nobody,
			result{step: StepPromote, signing: second, retireAfter: epoch.Add(96 * day)},
		},
		"an expired CA without a successor is replaced": {
			alone, epoch.Add(90 * day), everybody,
			result{step: StepReplace, retireAfter: epoch.Add(96*day + 10*time.Minute)},
		},
		"a staged CA that has itself expired is staged anew": {
			&State{Signing: second, Next: first, RetireAfter: retired}, epoch.Add(91 * day), everybody,
			result{step: StepStage, signing: second, retireAfter: retired},
		},
		"two expired CAs are replaced": {
			staged, epoch.Add(200 * day), everybody,
			result{step: StepReplace, retireAfter: epoch.Add(206*day + 10*time.Minute)},
		},
		"a CA of the future is an error and not replaced": {
			alone, epoch.Add(-11 * time.Minute), everybody,
			result{wantErr: true},
		},
		"a CA of the near future is within the clock skew": {
			alone, epoch.Add(-9 * time.Minute), everybody,
			result{keepIt: true},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, step, err := testIssuer().Plan(tc.state, tc.at, tc.trusted)
			if tc.want.wantErr {
				if !errors.Is(err, ErrNotYetValid) {
					t.Fatalf("error = %v, want %v", err, ErrNotYetValid)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if step != tc.want.step {
				t.Fatalf("step = %q, want %q", step, tc.want.step)
			}
			if tc.want.keepIt {
				if got != tc.state {
					t.Error("the state was changed")
				}
				return
			}
			if tc.want.signing != nil && got.Signing != tc.want.signing {
				t.Errorf("signing = %s, want %s", got.Signing.Certificate.Subject, tc.want.signing.Certificate.Subject)
			}
			if tc.want.signing == nil && (got.Signing == first || got.Signing == second) {
				t.Error("an old CA signs, want a new one")
			}
			if hasNext := got.Next != nil; hasNext != (step == StepStage) {
				t.Errorf("has a next CA = %t after step %q", hasNext, step)
			}
			if !got.RetireAfter.Equal(tc.want.retireAfter) {
				t.Errorf("retire after = %s, want %s", got.RetireAfter, tc.want.retireAfter)
			}
		})
	}
}

func TestACAThatStopsSigningHasNoValidLeafAfterItsRetirement(t *testing.T) {
	issuer := testIssuer()
	old := testCA(t, epoch)
	promotion := epoch.Add(61 * day)
	staged := &State{Signing: old, Next: testCA(t, promotion)}
	// A replica with a clock that is ahead by almost the allowed skew signs at the moment of the promotion.
	leaf, err := old.IssueLeaf([]string{"a.test"}, promotion.Add(issuer.ClockSkew-time.Second), issuer.LeafLifetime, issuer.ClockSkew)
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := issuer.Plan(staged, promotion, everybody)
	if err != nil {
		t.Fatal(err)
	}
	if leaf.Leaf.NotAfter.After(after.RetireAfter) {
		t.Errorf("the leaf is valid until %s, its CA is retired after %s", leaf.Leaf.NotAfter, after.RetireAfter)
	}
}
