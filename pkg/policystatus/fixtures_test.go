package policystatus

import (
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const (
	build2022 = "10.0.20348"
	class2022 = "windows-10.0.20348"
)

// newPolicy offers Windows Server 2022 to every pod.
func newPolicy(name string, change ...func(*v1alpha1.WindowsBuildPolicy)) *v1alpha1.WindowsBuildPolicy {
	p := &v1alpha1.WindowsBuildPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 3},
		Spec:       v1alpha1.WindowsBuildPolicySpec{Builds: []v1alpha1.BuildRule{{Build: build2022}}},
	}
	for _, c := range change {
		c(p)
	}
	return p
}

func build(name string) func(*v1alpha1.WindowsBuildPolicy) {
	return func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].Build = name }
}

func class(name, handler string) func(*v1alpha1.WindowsBuildPolicy) {
	return func(p *v1alpha1.WindowsBuildPolicy) {
		p.Spec.Builds[0].RuntimeClass = v1alpha1.RuntimeClassSpec{Name: name, Handler: handler}
	}
}

func priority(priority int32) func(*v1alpha1.WindowsBuildPolicy) {
	return func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Priority = priority }
}

func namespaces(key, value string) func(*v1alpha1.WindowsBuildPolicy) {
	return func(p *v1alpha1.WindowsBuildPolicy) {
		p.Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
}

// runtimeClass is the class of Windows Server 2022 as this project makes it.
func runtimeClass(change ...func(*nodev1.RuntimeClass)) *nodev1.RuntimeClass {
	c := &nodev1.RuntimeClass{
		ObjectMeta: metav1.ObjectMeta{Name: class2022, Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}},
		Handler:    policy.HandlerProcess,
		Scheduling: &nodev1.Scheduling{
			NodeSelector: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: build2022},
		},
	}
	for _, f := range change {
		f(c)
	}
	return c
}

// fleet has three nodes of Windows Server 2022, one of which is Ready.
func fleet() *policy.Fleet {
	nodes := make([]policy.Node, 3)
	for i := range nodes {
		nodes[i] = policy.Node{
			Name:   string(rune('a' + i)),
			Ready:  i == 0,
			Labels: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: build2022},
		}
	}
	return policy.CompileFleet(nodes)
}
