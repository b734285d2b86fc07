package manifests_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/utils/ptr"
)

func TestOfChangesToPodsOnlyThoseOfImagesAreJudged(t *testing.T) {
	windows := pod(osName(corev1.Windows))
	change := func(of *corev1.Pod, how func(*corev1.Pod)) request {
		changed := of.DeepCopy()
		how(changed)
		return request{operation: admission.Update, object: changed, old: of}
	}
	debug := change(windows, func(p *corev1.Pod) {
		p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name: "debug", Image: "registry.example.com/debug:1",
		}}}
	})
	debug.subresource = "ephemeralcontainers"
	status := change(windows, func(p *corev1.Pod) { p.Status.Phase = corev1.PodRunning })
	status.subresource = "status"

	tests := map[string]struct {
		request request
		want    []string
	}{
		"a new image is judged":                   {change(windows, func(p *corev1.Pod) { p.Spec.Containers[0].Image += "1" }), []string{validatePods}},
		"a new image of an init container is":     {change(windows, func(p *corev1.Pod) { p.Spec.InitContainers[0].Image += "1" }), []string{validatePods}},
		"an ephemeral container is":               {debug, []string{validatePods}},
		"a new image of a pod with a class is":    {change(pod(runtimeClass("isolated")), func(p *corev1.Pod) { p.Spec.Containers[0].Image += "1" }), []string{validateClasses}},
		"a new image of a Linux pod is not":       {change(pod(), func(p *corev1.Pod) { p.Spec.Containers[0].Image += "1" }), nobody},
		"a label is not":                          {change(windows, func(p *corev1.Pod) { p.Labels["team"] = "shop" }), nobody},
		"a finalizer is not, so that pods can go": {change(windows, func(p *corev1.Pod) { p.Finalizers = []string{"example.com/x"} }), nobody},
		"status is not":                           {status, nobody},
		"binding is not":                          {request{operation: admission.Create, object: windows, subresource: "binding"}, nobody},
		"deletion is not":                         {request{operation: admission.Delete, old: windows}, nobody},
	}
	for server, api := range apiServers(t, defaultOverlay) {
		for sentence, test := range tests {
			t.Run(server+"/"+sentence, func(t *testing.T) {
				if diff := cmp.Diff(test.want, api.calls(t, test.request)); diff != "" {
					t.Errorf("webhooks called (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestObjectsThatMakePodsAreJudgedByTheirTemplate(t *testing.T) {
	for server, api := range apiServers(t, defaultOverlay) {
		for sentence, test := range newPods {
			for maker, object := range makers(test.pod) {
				t.Run(server+"/"+maker+" of which "+sentence, func(t *testing.T) {
					var want []string
					if test.want != nil {
						want = []string{validateMakers}
						if maker == "a DaemonSet" {
							want = []string{mutateDaemonSets, validateMakers}
						}
					}
					got := api.calls(t, request{operation: admission.Create, object: object.DeepCopyObject()})
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("webhooks called (-want +got):\n%s", diff)
					}
				})
			}
		}
	}
}

func TestOfChangesToObjectsThatMakePodsOnlyThoseOfTheTemplateAreJudged(t *testing.T) {
	windows := appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: pod(osName(corev1.Windows)).Spec}}}
	change := func(how func(*appsv1.Deployment)) request {
		changed := windows.DeepCopy()
		how(changed)
		return request{operation: admission.Update, object: changed, old: &windows}
	}
	controlled := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{{Kind: "Deployment", Name: "web", Controller: ptr.To(true)}}},
		Spec:       appsv1.ReplicaSetSpec{Template: windows.Spec.Template},
	}
	owned := controlled.DeepCopy()
	owned.OwnerReferences[0].Controller = nil

	tests := map[string]struct {
		request request
		want    []string
	}{
		"an image is judged":                      {change(func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image += "1" }), []string{validateMakers}},
		"a label of the pods is":                  {change(func(d *appsv1.Deployment) { d.Spec.Template.Labels = map[string]string{"a": "b"} }), []string{validateMakers}},
		"the number of replicas is not":           {change(func(d *appsv1.Deployment) { d.Spec.Replicas = ptr.To[int32](3) }), nobody},
		"an annotation is not":                    {change(func(d *appsv1.Deployment) { d.Annotations = map[string]string{"a": "b"} }), nobody},
		"what a controller made is not":           {request{operation: admission.Create, object: controlled}, nobody},
		"what somebody merely owns is":            {request{operation: admission.Create, object: owned}, []string{validateMakers}},
		"a template with nothing in it is not":    {request{operation: admission.Create, object: &corev1.ReplicationController{}}, nobody},
		"a change to nothing in particular isn't": {change(func(*appsv1.Deployment) {}), nobody},
	}
	for server, api := range apiServers(t, defaultOverlay) {
		for sentence, test := range tests {
			t.Run(server+"/"+sentence, func(t *testing.T) {
				if diff := cmp.Diff(test.want, api.calls(t, test.request)); diff != "" {
					t.Errorf("webhooks called (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestNamespacesCanBeOutsideOfEveryPolicy(t *testing.T) {
	windows := request{operation: admission.Create, object: pod(osName(corev1.Windows))}
	tests := map[string]struct {
		namespace string
		labels    map[string]string
		want      []string
	}{
		"a namespace is inside":                      {"shop", nil, forWindows},
		"kube-system is outside":                     {"kube-system", nil, nobody},
		"our own is outside":                         {"mullion-system", nil, nobody},
		"one with the label is outside":              {"shop", map[string]string{"mullion.dev/ignore": "true"}, nobody},
		"one with another value of it is inside":     {"shop", map[string]string{"mullion.dev/ignore": "false"}, forWindows},
		"one whose name merely resembles ours is in": {"mullion-system-2", nil, forWindows},
	}
	for server, api := range apiServers(t, defaultOverlay) {
		for sentence, test := range tests {
			t.Run(server+"/"+sentence, func(t *testing.T) {
				r := windows
				r.namespace, r.namespaceLabels = test.namespace, test.labels
				if diff := cmp.Diff(test.want, api.calls(t, r)); diff != "" {
					t.Errorf("webhooks called (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestTheInferenceComponentShowsMutationAllPodsThatDoNotSayTheyAreForLinux(t *testing.T) {
	for server, api := range apiServers(t, "test/manifests/testdata/inference") {
		for sentence, test := range newPods {
			t.Run(server+"/"+sentence, func(t *testing.T) {
				want := test.want
				if want == nil && (test.pod.Spec.OS == nil || test.pod.Spec.OS.Name != corev1.Linux) {
					want = []string{mutatePods}
				}
				got := api.calls(t, request{operation: admission.Create, object: test.pod.DeepCopy()})
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("webhooks called (-want +got):\n%s", diff)
				}
			})
		}
	}
}
