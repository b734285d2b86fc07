package impact

import (
	"unique"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// Relevant copies what a decision about a pod, and asking for its images, depends on. Everything else would only tell
// workloads apart that are judged alike, and take memory. Of a pod the node is left out too: it was bound to it, and
// would be bound anew.
func Relevant(pod *workload.Pod, bare bool) *workload.Pod {
	spec := &pod.Spec
	kept := &workload.Pod{
		Metadata: workload.Metadata{Labels: keptLabels(pod.Metadata.Labels)},
		Spec: workload.PodSpec{
			OS:                 spec.OS,
			NodeSelector:       internMap(spec.NodeSelector),
			Affinity:           spec.Affinity,
			Tolerations:        spec.Tolerations,
			RuntimeClassName:   spec.RuntimeClassName,
			SecurityContext:    windowsOptions(spec.SecurityContext),
			InitContainers:     containers(spec.InitContainers),
			Containers:         containers(spec.Containers),
			ServiceAccountName: intern(spec.ServiceAccountName),
			ImagePullSecrets:   spec.ImagePullSecrets,
		},
	}
	if !bare {
		kept.Spec.NodeName = spec.NodeName
	}
	return kept
}

// containers keeps names and images. Ephemeral containers, which are added to debug a pod, are not made again.
func containers(all []workload.Container) []workload.Container {
	if len(all) == 0 {
		return nil
	}
	kept := make([]workload.Container, len(all))
	for i := range all {
		kept[i] = workload.Container{
			Name:            intern(all[i].Name),
			Image:           intern(all[i].Image),
			SecurityContext: windowsOptions(all[i].SecurityContext),
		}
	}
	return kept
}

func windowsOptions(s *workload.SecurityContext) *workload.SecurityContext {
	if s == nil || s.WindowsOptions == nil {
		return nil
	}
	return &workload.SecurityContext{WindowsOptions: s.WindowsOptions}
}

// controllersLabels are the labels by which controllers tell the pods of their own making apart. They differ between
// pods that are made alike.
func controllersLabels() []string {
	return []string{
		appsv1.DefaultDeploymentUniqueLabelKey,
		appsv1.ControllerRevisionHashLabelKey,
		appsv1.StatefulSetPodNameLabel,
		appsv1.PodIndexLabel,
		"pod-template-generation",
		batchv1.ControllerUidLabel,
		batchv1.JobNameLabel,
		batchv1.JobCompletionIndexAnnotation, // It is the key of a label, too.
		"controller-uid",
		"job-name",
	}
}

func keptLabels(labels map[string]string) map[string]string {
	kept := internMap(labels)
	for _, key := range controllersLabels() {
		delete(kept, key)
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// internMap copies a map so that equal strings are held in memory once: workloads share most of theirs.
func internMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	interned := make(map[string]string, len(m))
	for key, value := range m {
		interned[intern(key)] = intern(value)
	}
	return interned
}

func intern(s string) string { return unique.Make(s).Value() }
