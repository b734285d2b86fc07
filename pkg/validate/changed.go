package validate

import "github.com/mullion-dev/mullion/pkg/workload"

// withChangedImages is the pod with only those containers whose image is new, or nil where there is none.
// What a pod runs already is not judged again: a label could not be changed any more on a pod whose build
// was retired since. The other containers keep their place, without an image to judge, so that findings name
// the right index.
func withChangedImages(pod, old *workload.Pod) *workload.Pod {
	images := map[string]string{}
	for c := range old.AllContainers {
		images[c.Name] = c.Image
	}
	changed := false
	unchanged := func(containers []workload.Container) []workload.Container {
		judged := make([]workload.Container, len(containers))
		for i := range containers {
			judged[i] = containers[i]
			if before, existed := images[containers[i].Name]; existed && before == containers[i].Image {
				judged[i].Image = ""
				continue
			}
			changed = true
		}
		return judged
	}
	judged := *pod
	judged.Spec.InitContainers = unchanged(pod.Spec.InitContainers)
	judged.Spec.Containers = unchanged(pod.Spec.Containers)
	judged.Spec.EphemeralContainers = unchanged(pod.Spec.EphemeralContainers)
	if !changed {
		return nil
	}
	return &judged
}
