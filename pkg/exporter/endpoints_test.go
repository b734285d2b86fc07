package exporter

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAHostIsATargetWhileItRunsTheExporter(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(*v1alpha1.WindowsHost)
		want   *Endpoint
	}{
		"it has joined, with metrics": {
			func(*v1alpha1.WindowsHost) {},
			&Endpoint{Node: "a", Address: netip.MustParseAddr("10.0.0.1"), Port: 9182, Ready: true},
		},
		"its config has another port": {
			func(h *v1alpha1.WindowsHost) { h.Status.Applied.NodeConfig = "other-port" },
			&Endpoint{Node: "a", Address: netip.MustParseAddr("10.0.0.1"), Port: 9999, Ready: true},
		},
		"its node is not Ready": {
			func(h *v1alpha1.WindowsHost) { h.Status.Node.Name = "b" },
			&Endpoint{Node: "b", Address: netip.MustParseAddr("10.0.0.1"), Port: 9182},
		},
		"its address is an IPv6 one": {
			func(h *v1alpha1.WindowsHost) {
				h.Status.Node.Address, h.Status.Node.Addresses = "fd00::1", []string{"fd00::1"}
			},
			&Endpoint{Node: "a", Address: netip.MustParseAddr("fd00::1"), Port: 9182, Ready: true},
		},
		"its address is an IPv4 one in the clothes of an IPv6 one": {
			func(h *v1alpha1.WindowsHost) {
				h.Status.Node.Address, h.Status.Node.Addresses = "", []string{"::ffff:10.0.0.1"}
			},
			&Endpoint{Node: "a", Address: netip.MustParseAddr("10.0.0.1"), Port: 9182, Ready: true},
		},
		"not before it has joined":                {func(h *v1alpha1.WindowsHost) { h.Status.Node.Joined = false }, nil},
		"not without a node":                      {func(h *v1alpha1.WindowsHost) { h.Status.Node = nil }, nil},
		"not before anything was applied":         {func(h *v1alpha1.WindowsHost) { h.Status.Applied = nil }, nil},
		"not where its config has no metrics":     {func(h *v1alpha1.WindowsHost) { h.Status.Applied.NodeConfig = "without" }, nil},
		"not where its config is gone":            {func(h *v1alpha1.WindowsHost) { h.Status.Applied.NodeConfig = "gone" }, nil},
		"not while it is given back":              {func(h *v1alpha1.WindowsHost) { h.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }, nil},
		"not by an address that was not verified": {func(h *v1alpha1.WindowsHost) { h.Status.Node.Address = "10.0.0.9" }, nil},
		"not by a guess":                          {func(h *v1alpha1.WindowsHost) { h.Status.Node.Address = "" }, nil},
		"not without a verified address":          {func(h *v1alpha1.WindowsHost) { h.Status.Node.Addresses = nil }, nil},
		"not by a name": {func(h *v1alpha1.WindowsHost) {
			h.Status.Node.Address, h.Status.Node.Addresses = "", []string{"a.example.com"}
		}, nil},
		"not by the metadata service": {func(h *v1alpha1.WindowsHost) {
			h.Status.Node.Address, h.Status.Node.Addresses = "", []string{"169.254.169.254"}
		}, nil},
		"not by loopback": {func(h *v1alpha1.WindowsHost) {
			h.Status.Node.Address, h.Status.Node.Addresses = "", []string{"127.0.0.1"}
		}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			host := newHost("a", "metrics", "10.0.0.1", "192.168.0.1")
			c.change(host)
			configs := []v1alpha1.WindowsNodeConfig{*newConfig("metrics", 0), *newConfig("other-port", 9999), *newConfig("without", -1)}
			got := Endpoints([]v1alpha1.WindowsHost{*host}, configs, func(node string) bool { return node == "a" })
			var want []Endpoint
			if c.want != nil {
				want = append(want, *c.want)
			}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("endpoints (-want +got):\n%s", diff)
			}
		})
	}
}

func TestANodeIsOneTargetWhoeverClaimsIt(t *testing.T) {
	first, second := newHost("a", "metrics", "10.0.0.1"), newHost("other", "metrics", "10.0.0.2")
	second.Status.Node.Name = "a"
	configs := []v1alpha1.WindowsNodeConfig{*newConfig("metrics", 0)}
	for _, hosts := range [][]v1alpha1.WindowsHost{{*first, *second}, {*second, *first}} {
		got := Endpoints(hosts, configs, func(string) bool { return true })
		if len(got) != 1 || got[0].Address.String() != "10.0.0.1" {
			t.Errorf("%v", got)
		}
	}
}
