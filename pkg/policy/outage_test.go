package policy_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// TestAnOutageRefusesNobodyAndSendsNobodyWhereThereIsNoNode takes nodes away at random, and compares each choice with what
// the candidates offer: which builds fit decides alone whether a pod is admitted, and a build for which nobody makes nodes
// is chosen only where no other one has any.
func TestAnOutageRefusesNobodyAndSendsNobodyWhereThereIsNoNode(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pods, away := population(), 0
	for range 20 {
		w := populationWorld()
		if random.IntN(2) == 0 {
			w.policies[0].Spec.Builds[random.IntN(len(w.policies[0].Spec.Builds))].ScaleFromZero = &v1alpha1.ScaleFromZero{}
		}
		w.nodes = slices.DeleteFunc(slices.Clone(w.nodes), func(policy.Node) bool { return random.IntN(3) == 0 })
		for i := range w.nodes {
			w.nodes[i].Ready = random.IntN(3) == 0
		}
		facts := w.facts(t)
		for range 200 {
			pod := pods[random.IntN(len(pods))]
			decision, err := policy.Evaluate(&policy.Request{Pod: pod}, facts)
			if err != nil {
				t.Fatal(err)
			}
			fits := func(c policy.Candidate) bool { return c.Fits }
			if !decision.Windows || slices.ContainsFunc(decision.Candidates, fits) != (decision.Denial == nil) {
				if decision.Windows {
					t.Fatalf("denial %v of %+v", decision.Denial, decision.Candidates)
				}
				continue
			}
			choice := decision.Choice()
			if choice == nil {
				continue
			}
			if want := bestOf(decision.Candidates); choice.Build != want.Build {
				t.Fatalf("%s is chosen, and not %s, of %+v", choice.Build, want.Build, decision.Candidates)
			}
			if choice.Takes && !choice.Ready {
				away++
			}
		}
	}
	if away < 100 {
		t.Errorf("only %d choices were of builds whose nodes are away", away)
	}
}

// bestOf is the first candidate of the best kind that there is.
func bestOf(candidates []policy.Candidate) policy.Candidate {
	for _, kind := range []func(c policy.Candidate) bool{
		func(c policy.Candidate) bool { return c.Ready },
		func(c policy.Candidate) bool { return c.ScaleFromZero },
		func(c policy.Candidate) bool { return c.Takes },
		func(policy.Candidate) bool { return true },
	} {
		if at := slices.IndexFunc(candidates, func(c policy.Candidate) bool { return c.Fits && kind(c) }); at >= 0 {
			return candidates[at]
		}
	}
	return policy.Candidate{}
}
