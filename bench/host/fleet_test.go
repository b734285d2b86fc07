package main

import "testing"

func TestHostsAreConfiguredAndPassedOverWithinTheTrafficOfALoginAndTheirState(t *testing.T) {
	t.Chdir("../..") // The sample is relative to the repository.
	f, err := measureFleet(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	const login, answer = 8 << 10, 4 << 10
	if f.request == 0 || f.bytes > int64(f.request)+login+answer {
		t.Errorf("%d bytes over the wire for a desired state of %d", f.bytes, f.request)
	}
}
