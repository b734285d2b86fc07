package main

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/bench"
	"github.com/mullion-dev/mullion/bench/internal/cluster"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// question is something that the webhook has to decide.
type question struct {
	title string
	// change makes the pod to decide about from the captured one, whose images run on Windows Server 2022.
	change func(*workload.Pod)
	// denied tells that no build of the cluster can run the pod.
	denied bool
}

func questions() []question {
	return []question{
		{title: "placed", change: func(*workload.Pod) {}},
		{title: "pinned to a pool", change: func(pod *workload.Pod) {
			pod.Spec.NodeSelector = map[string]string{"pool": cluster.Pool(0)}
		}},
		{title: "pinned to a node", change: func(pod *workload.Pod) {
			pod.Spec.NodeSelector = map[string]string{corev1.LabelHostname: cluster.NodeName(0)}
		}},
		{title: "denied", denied: true, change: func(pod *workload.Pod) {
			pod.Spec.Containers[0].Image = linuxImage
		}},
	}
}

// linuxImage is the only image that does not run on Windows.
const linuxImage = "registry.example.com/linux:1"

func (q question) request() (*policy.Request, error) {
	pod, err := bench.CapturedPod()
	if err != nil {
		return nil, err
	}
	q.change(pod)
	return &policy.Request{
		Pod:             pod,
		NamespaceLabels: map[string]string{corev1.LabelMetadataName: "shop", "team": "none of those with policies"},
	}, nil
}

// facts are what the webhook knows once it has asked the registry.
func facts(request *policy.Request, snapshot *policy.Snapshot) *policy.Facts {
	known := &policy.Facts{Snapshot: snapshot, Images: map[string]policy.ImageResult{}}
	for _, reference := range policy.References(request, snapshot) {
		platform := policy.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700"}
		if reference == linuxImage {
			platform = policy.Platform{OS: "linux", Architecture: "amd64"}
		}
		known.Images[reference] = policy.ImageResult{Image: &policy.Image{
			Reference: reference, Index: true, Platforms: []policy.Platform{platform},
		}}
	}
	return known
}
