package manifests_test

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
)

// pod makes a pod that says nothing of an operating system, and changes it.
func pod(changes ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Labels: map[string]string{"app": "web"}},
		Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "migrate", Image: "registry.example.com/shop/migrate:1"}},
			Containers:     []corev1.Container{{Name: "web", Image: "registry.example.com/shop/web:1"}},
		},
	}
	for _, change := range changes {
		change(p)
	}
	return p
}

func osName(name corev1.OSName) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.OS = &corev1.PodOS{Name: name} }
}

func nodeSelector(key, value string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{key: value} }
}

func runtimeClass(name string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.RuntimeClassName = ptr.To(name) }
}

func hostProcess(of func(*corev1.PodSpec) **corev1.WindowsSecurityContextOptions) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		*of(&p.Spec) = &corev1.WindowsSecurityContextOptions{HostProcess: ptr.To(true)}
	}
}

// affinity requires one of the terms, each of them a list of expressions that must all hold.
func affinity(terms ...[]corev1.NodeSelectorRequirement) func(*corev1.Pod) {
	required := &corev1.NodeSelector{}
	for _, term := range terms {
		required.NodeSelectorTerms = append(required.NodeSelectorTerms, corev1.NodeSelectorTerm{MatchExpressions: term})
	}
	return func(p *corev1.Pod) {
		p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required}}
	}
}

func term(requirements ...corev1.NodeSelectorRequirement) []corev1.NodeSelectorRequirement {
	return requirements
}

func requirement(key string, operator corev1.NodeSelectorOperator, values ...string) corev1.NodeSelectorRequirement {
	return corev1.NodeSelectorRequirement{Key: key, Operator: operator, Values: values}
}

// makers are the objects that make pods like the one given.
func makers(p *corev1.Pod) map[string]runtime.Object {
	template := corev1.PodTemplateSpec{ObjectMeta: p.ObjectMeta, Spec: p.Spec}
	return map[string]runtime.Object{
		"a Deployment":            &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: template}},
		"a ReplicaSet":            &appsv1.ReplicaSet{Spec: appsv1.ReplicaSetSpec{Template: template}},
		"a StatefulSet":           &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Template: template}},
		"a Job":                   &batchv1.Job{Spec: batchv1.JobSpec{Template: template}},
		"a CronJob":               &batchv1.CronJob{Spec: batchv1.CronJobSpec{JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: template}}}},
		"a ReplicationController": &corev1.ReplicationController{Spec: corev1.ReplicationControllerSpec{Template: &template}},
		"a PodTemplate":           &corev1.PodTemplate{Template: template},
		"a DaemonSet":             &appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Template: template}},
	}
}
