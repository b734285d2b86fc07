package nodeconfigstatus

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	build = "10.0.20348"
	image = "registry.example.com/windows/node@sha256:"
)

func config(change ...func(*v1alpha1.WindowsNodeConfig)) *v1alpha1.WindowsNodeConfig {
	c := &v1alpha1.WindowsNodeConfig{
		ObjectMeta: metav1.ObjectMeta{Name: "general", Generation: 3},
		Spec: v1alpha1.WindowsNodeConfigSpec{
			KubernetesVersion: "v1.37.2",
			Bundle:            v1alpha1.BundleReference{Image: image + strings.Repeat("0", 64)},
		},
	}
	for _, f := range change {
		f(c)
	}
	return c
}

func buildPolicy(name string, rules ...v1alpha1.BuildRule) v1alpha1.WindowsBuildPolicy {
	return v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.WindowsBuildPolicySpec{Builds: rules}}
}

func rule(build, config string) v1alpha1.BuildRule {
	return v1alpha1.BuildRule{Build: build, NodeConfigRef: &v1alpha1.NodeConfigReference{Name: config}}
}

// host has the configuration as it is now.
func host(name string, change ...func(*v1alpha1.WindowsHost)) v1alpha1.WindowsHost {
	h := v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: name, Generation: 1},
		Status: v1alpha1.WindowsHostStatus{
			Facts:      &v1alpha1.HostFacts{Build: build},
			Applied:    &v1alpha1.AppliedConfiguration{NodeConfig: "general", NodeConfigGeneration: 3},
			Conditions: []metav1.Condition{{Type: v1alpha1.HostConditionUpToDate, Status: metav1.ConditionTrue}},
		},
	}
	for _, c := range change {
		c(&h)
	}
	return h
}

func outdated(h *v1alpha1.WindowsHost) { h.Status.Applied.NodeConfigGeneration = 2 }
func drifted(h *v1alpha1.WindowsHost)  { h.Status.Conditions = nil }
func refused(message string) func(*v1alpha1.WindowsHost) {
	return func(h *v1alpha1.WindowsHost) {
		outdated(h)
		h.Status.LastError = &v1alpha1.HostError{Reason: v1alpha1.ReasonNodeConfigInvalid, Message: message}
	}
}

func own(name string) func(*v1alpha1.WindowsHost) {
	return func(h *v1alpha1.WindowsHost) { h.Spec.NodeConfigRef = &v1alpha1.NodeConfigReference{Name: name} }
}

func TestHostsAreThoseThatAreToHaveItAndCurrentThoseThatDo(t *testing.T) {
	deleted := metav1.NewTime(time.Unix(1, 0))
	retired := rule("10.0.17763", "general")
	retired.State = v1alpha1.BuildRetired
	cluster := &Cluster{
		Policies: []v1alpha1.WindowsBuildPolicy{buildPolicy("general", rule(build, "general"), rule("10.0.26100", "other"), retired)},
		Hosts: []v1alpha1.WindowsHost{
			host("current"), host("outdated", outdated), host("drifted", drifted), host("new", func(h *v1alpha1.WindowsHost) { h.Status.Applied = nil }),
			host("of-its-own", own("trial")), host("by-itself", own("general"), func(h *v1alpha1.WindowsHost) { h.Status.Facts.Build = "10.0.26100" }),
			host("of-another-build", func(h *v1alpha1.WindowsHost) { h.Status.Facts.Build = "10.0.26100" }),
			host("retired", func(h *v1alpha1.WindowsHost) { h.Status.Facts.Build = "10.0.17763" }),
			host("deleted", func(h *v1alpha1.WindowsHost) { h.DeletionTimestamp = &deleted }),
			host("unknown", func(h *v1alpha1.WindowsHost) { h.Status.Facts = nil }),
			host("of-no-policy", func(h *v1alpha1.WindowsHost) { h.Spec.Policy = "gone" }),
		},
	}
	status := Compute(config(), cluster, time.Unix(2, 0))
	if status.Hosts != 5 || status.CurrentHosts != 2 {
		t.Errorf("%d of %d hosts are current", status.CurrentHosts, status.Hosts)
	}
	if status.ObservedGeneration != 3 {
		t.Errorf("observed generation %d", status.ObservedGeneration)
	}
}

// outcome is what a condition comes to.
type outcome struct {
	Status          metav1.ConditionStatus
	Reason, Message string
}

func TestConditions(t *testing.T) {
	const ready, used = v1alpha1.NodeConfigConditionReady, v1alpha1.NodeConfigConditionUsed
	server := version.MustParseSemantic("v1.37.4")
	general := []v1alpha1.WindowsBuildPolicy{buildPolicy("general", rule(build, "general"))}
	for sentence, c := range map[string]struct {
		config  *v1alpha1.WindowsNodeConfig
		cluster Cluster
		kind    string
		want    outcome
	}{
		"hosts can be given it": {config(), Cluster{ServerVersion: server}, ready, outcome{"True", "Usable", "Hosts can be given it."}},
		"the API servers are older": {
			config(), Cluster{ServerVersion: version.MustParseSemantic("v1.36.1")}, ready,
			outcome{"False", "VersionSkew", "No host is given it: kubelet 1.37.2 is newer than API server 1.36.1: upgrade the control plane first."},
		},
		"the API servers are too new": {
			config(), Cluster{ServerVersion: version.MustParseSemantic("v1.41.0")}, ready,
			outcome{"False", "VersionSkew", "No host is given it: kubelet 1.37.2 is more than 3 minor versions older than API server 1.41.0."},
		},
		"the API servers cannot be asked": {
			config(), Cluster{ServerProblem: errors.New("asking https://192.0.2.1: no answer")}, ready,
			outcome{"Unknown", "ClusterUnknown", "Whether its kubelet is one that the API servers can have is not known: asking https://192.0.2.1: no answer."},
		},
		"the API servers were not asked yet": {
			config(), Cluster{}, ready, outcome{"Unknown", "ClusterUnknown", "Whether its kubelet is one that the API servers can have is not known yet."},
		},
		"the bundle is named by tag": {
			config(func(c *v1alpha1.WindowsNodeConfig) { c.Spec.Bundle.Image = "registry.example.com/node:v1" }), Cluster{ServerVersion: server}, ready,
			outcome{"False", "NodeConfigInvalid", "spec.bundle.image does not name a bundle by digest: a digest must contain exactly one '@' separator (e.g. registry/repository@digest) saw: registry.example.com/node:v1."},
		},
		"the version is none": {
			config(func(c *v1alpha1.WindowsNodeConfig) { c.Spec.KubernetesVersion = "latest" }), Cluster{ServerVersion: server}, ready,
			outcome{"False", "NodeConfigInvalid", `spec.kubernetesVersion: could not parse "latest" as version.`},
		},
		"no host has it, and some could not be given it": {
			config(),
			Cluster{ServerVersion: server, Policies: general, Hosts: []v1alpha1.WindowsHost{host("c", outdated), host("b", refused("b.")), host("a", refused("unknown field"))}},
			ready,
			outcome{"False", "NodeConfigInvalid", "No host has it, and prod/a could not be given it: unknown field."},
		},
		"one host could not be given it, and another has it": {
			config(), Cluster{ServerVersion: server, Policies: general, Hosts: []v1alpha1.WindowsHost{host("a", refused("no such address")), host("b")}}, ready,
			outcome{"True", "Usable", "Hosts can be given it."},
		},
		"a host of another configuration could not be given its own": {
			config(), Cluster{ServerVersion: server, Policies: general, Hosts: []v1alpha1.WindowsHost{host("a", refused("unknown field"), own("trial"))}}, ready,
			outcome{"True", "Usable", "Hosts can be given it."},
		},
		"nobody names it": {config(), Cluster{Policies: []v1alpha1.WindowsBuildPolicy{buildPolicy("a", rule(build, "other"))}}, used,
			outcome{"False", "NotNamed", "No policy and no host names it."}},
		"policies and hosts name it": {
			config(),
			Cluster{
				Policies: []v1alpha1.WindowsBuildPolicy{buildPolicy("b", rule(build, "general")), buildPolicy("a", rule(build, "general"), rule("10.0.26100", "general"))},
				Hosts:    []v1alpha1.WindowsHost{host("x", own("general")), host("y", own("general")), host("z", own("trial"))},
			},
			used,
			outcome{"True", "Named", `It is named by WindowsBuildPolicy "a" for 10.0.20348 and 10.0.26100, WindowsBuildPolicy "b" for 10.0.20348, 2 hosts.`},
		},
		"one host names it": {
			config(), Cluster{Hosts: []v1alpha1.WindowsHost{host("x", own("general"))}}, used, outcome{"True", "Named", "It is named by 1 host."},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := meta.FindStatusCondition(Compute(c.config, &c.cluster, time.Unix(2, 0)).Conditions, c.kind)
			if got == nil {
				t.Fatal("there is no such condition")
			}
			if diff := cmp.Diff(c.want, outcome{got.Status, got.Reason, got.Message}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.ObservedGeneration != 3 {
				t.Errorf("it is about generation %d", got.ObservedGeneration)
			}
		})
	}
}
