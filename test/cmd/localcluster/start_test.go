package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

func TestNodesAreNamedAfterTheirBuildInAStableOrder(t *testing.T) {
	o := startOptions{windowsNodes: map[string]int{"10.0.20348": 2, "10.0.17763": 1}, linuxNodes: 1}
	want := []hollow.NodeSpec{
		{Name: "linux-1"},
		{Name: "windows-10.0.17763-1", Build: "10.0.17763"},
		{Name: "windows-10.0.20348-1", Build: "10.0.20348"},
		{Name: "windows-10.0.20348-2", Build: "10.0.20348"},
	}
	if diff := cmp.Diff(want, o.nodeSpecs()); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
}
