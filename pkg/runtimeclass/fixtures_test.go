package runtimeclass

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const (
	build2022 = "10.0.20348"
	build2025 = "10.0.26100"
	class2022 = "windows-10.0.20348"
	class2025 = "windows-10.0.26100"
)

// newPolicy offers the build to every pod.
func newPolicy(name, build string, change ...func(*v1alpha1.WindowsBuildPolicy)) v1alpha1.WindowsBuildPolicy {
	p := v1alpha1.WindowsBuildPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       v1alpha1.WindowsBuildPolicySpec{Builds: []v1alpha1.BuildRule{{Build: build}}},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func withClass(name, handler string) func(*v1alpha1.WindowsBuildPolicy) {
	return func(p *v1alpha1.WindowsBuildPolicy) {
		p.Spec.Builds[0].RuntimeClass = v1alpha1.RuntimeClassSpec{Name: name, Handler: handler}
	}
}

func withTolerations(source v1alpha1.TolerationSource, items ...corev1.Toleration) func(*v1alpha1.WindowsBuildPolicy) {
	return func(p *v1alpha1.WindowsBuildPolicy) {
		p.Spec.Tolerations = v1alpha1.TolerationPolicy{Source: source, Items: items}
	}
}

// fleet has one node of Windows Server 2022 and one of 2025, each tainted in its distribution's way.
func fleet() *policy.Fleet {
	node := func(name, build, taintKey string) policy.Node {
		return policy.Node{
			Name:   name,
			Ready:  true,
			Labels: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: build},
			Taints: []corev1.Taint{{Key: taintKey, Value: "windows", Effect: corev1.TaintEffectNoSchedule}},
		}
	}
	return policy.CompileFleet([]policy.Node{
		node("a", build2022, "os"), node("b", build2025, "node.kubernetes.io/os"),
	})
}

func equals(key, value string) corev1.Toleration {
	return corev1.Toleration{Key: key, Operator: corev1.TolerationOpEqual, Value: value, Effect: corev1.TaintEffectNoSchedule}
}

// class is a RuntimeClass as this project makes it for Windows Server 2022.
func class(change ...func(*nodev1.RuntimeClass)) *nodev1.RuntimeClass {
	c := &nodev1.RuntimeClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:   class2022,
			Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy},
		},
		Handler: policy.HandlerProcess,
		Scheduling: &nodev1.Scheduling{
			NodeSelector: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: build2022},
			Tolerations:  []corev1.Toleration{equals("os", "windows")},
		},
	}
	for _, f := range change {
		f(c)
	}
	return c
}

func foreign(c *nodev1.RuntimeClass) { c.Labels = nil }

func withHandler(name string) func(*nodev1.RuntimeClass) {
	return func(c *nodev1.RuntimeClass) { c.Handler = name }
}

func build(t testing.TB, s string) policy.Build {
	t.Helper()
	b, err := policy.ParseBuild(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
