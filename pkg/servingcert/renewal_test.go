package servingcert

import (
	"testing"
	"time"
)

// The life of a CA, step by step: each line of the package comment's rule in its order.
func TestARenewedCAIsTrustedBeforeItSignsAndTheOldOneIsTrustedUntilItsLeavesAreGone(t *testing.T) {
	c := newCluster(t)
	a, b := c.replica(), c.replica()
	c.settle(a, b)
	old := c.state().Signing.Certificate

	// Nothing is renewed in the first two thirds of its life, but leaves.
	for c.clock.Now().Before(epoch.Add(caLifetime*2/3 - day)) {
		c.clock.Step(day)
		c.sync(a, b)
		c.inject()
		c.mustBeTrusted(a, b)
	}
	if state := c.state(); state.Next != nil || !state.Signing.Certificate.Equal(old) {
		t.Fatal("renewed too early")
	}

	c.clock.Step(day)
	c.sync(a, b)
	staged := c.state().Next
	if staged == nil {
		t.Fatal("no CA is staged at two thirds of the life of the signing one")
	}

	// With the injector down for days the staged CA stays unused, and new replicas are ready as ever.
	for range 3 {
		c.clock.Step(day)
		newcomer := c.replica()
		c.sync(a, b, newcomer)
		c.mustBeTrusted(a, b, newcomer)
	}
	if !c.state().Signing.Certificate.Equal(old) {
		t.Fatal("a CA that nobody trusts signs")
	}

	c.inject()
	for _, bundle := range c.bundles() {
		if !bundle.Contains(old) || !bundle.Contains(staged.Certificate) || len(bundle) != 2 {
			t.Fatalf("%d CAs are trusted, want the old and the staged one", len(bundle))
		}
	}
	c.sync(a, b)
	if !c.state().Signing.Certificate.Equal(old) {
		t.Fatal("promoted before every API server can know")
	}

	c.clock.Step(DefaultSettleDelay)
	c.sync(a)
	promoted := c.clock.Now()
	if state := c.state(); !state.Signing.Certificate.Equal(staged.Certificate) || state.Next != nil {
		t.Fatal("not promoted")
	}
	c.inject()
	if !signer(a).Equal(staged.Certificate) || !signer(b).Equal(old) {
		t.Error("the replicas do not follow one by one")
	}
	c.mustBeTrusted(a, b)
	c.sync(b)
	if !signer(b).Equal(staged.Certificate) {
		t.Error("the second replica does not follow")
	}

	c.clock.SetTime(promoted.Add(leafLifetime + DefaultClockSkew - time.Second))
	c.sync(a, b)
	c.inject()
	if !c.bundles()[0].Contains(old) {
		t.Error("the old CA is gone while a leaf of it could be valid")
	}
	c.clock.Step(time.Second)
	c.sync(a, b)
	c.inject()
	for _, bundle := range c.bundles() {
		if bundle.Contains(old) || len(bundle) != 1 {
			t.Errorf("%d CAs are trusted, want the new one alone", len(bundle))
		}
	}
	c.mustBeTrusted(a, b)
}
