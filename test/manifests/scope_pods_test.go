package manifests_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const defaultOverlay = "manifests/overlays/default"

// The webhooks by the name that the API server's messages and metrics give them.
const (
	mutatePods       = "pods.mutate.mullion.dev"
	mutateDaemonSets = "daemonsets.mutate.mullion.dev"
	validatePods     = "pods.validate.mullion.dev"
	validateClasses  = "runtimeclass-pods.validate.mullion.dev"
	validateMakers   = "workloads.validate.mullion.dev"
)

// Who is called when a pod is created.
var (
	nobody       []string
	forWindows   = []string{mutatePods, validatePods}
	maybeWindows = []string{mutatePods, validateClasses}
)

// newPods is pods by the sentence that says why which webhooks are called when they are created.
var newPods = map[string]struct {
	pod  *corev1.Pod
	want []string
}{
	"a pod that says nothing of an operating system is left alone": {pod(), nobody},
	"an empty pod is left alone":                                   {&corev1.Pod{}, nobody},

	"spec.os.name: windows makes a Windows pod":                         {pod(osName(corev1.Windows)), forWindows},
	"spec.os.name: linux makes a Linux pod":                             {pod(osName(corev1.Linux)), nobody},
	"spec.os.name: linux outweighs every mark of Windows":               {pod(osName(corev1.Linux), nodeSelector(corev1.LabelOSStable, "windows")), nobody},
	"selecting Windows nodes makes a Windows pod":                       {pod(nodeSelector(corev1.LabelOSStable, "windows")), forWindows},
	"selecting Windows nodes by the old label makes a Windows pod":      {pod(nodeSelector("beta.kubernetes.io/os", "windows")), forWindows},
	"selecting a Windows build makes a Windows pod":                     {pod(nodeSelector(corev1.LabelWindowsBuild, "10.0.20348")), forWindows},
	"selecting Linux nodes makes a Linux pod":                           {pod(nodeSelector(corev1.LabelOSStable, "linux")), nobody},
	"selecting anything else says nothing":                              {pod(nodeSelector("disk", "ssd")), nobody},
	"asking for a build by label makes a Windows pod":                   {pod(askingFor("10.0.26100")), forWindows},
	"asking for a build while selecting Linux nodes is to be refused":   {pod(askingFor("10.0.26100"), nodeSelector(corev1.LabelOSStable, "linux")), forWindows},
	"a HostProcess pod is a Windows pod":                                {pod(hostProcess(ofPod)), forWindows},
	"a HostProcess container makes a Windows pod":                       {pod(hostProcess(ofContainer)), forWindows},
	"a HostProcess init container makes a Windows pod":                  {pod(hostProcess(ofInitContainer)), forWindows},
	"Windows options without HostProcess say nothing":                   {pod(gmsa), nobody},
	"a RuntimeClass may be one for Windows":                             {pod(runtimeClass("isolated")), maybeWindows},
	"a RuntimeClass of a pod on Linux nodes is not":                     {pod(runtimeClass("gvisor"), nodeSelector(corev1.LabelOSStable, "linux")), nobody},
	"a RuntimeClass that has selected Windows nodes is one":             {pod(runtimeClass("windows-10.0.20348"), nodeSelector(corev1.LabelOSStable, "windows")), forWindows},
	"a RuntimeClass of a pod that says it is for Linux is not":          {pod(runtimeClass("gvisor"), osName(corev1.Linux)), nobody},
	"a RuntimeClass adds nothing to what says it is for Windows":        {pod(runtimeClass("isolated"), osName(corev1.Windows)), forWindows},
	"an affinity to Windows nodes makes a Windows pod":                  {pod(affinity(term(requirement(corev1.LabelOSStable, "In", "windows")))), forWindows},
	"an affinity to Windows nodes by the old label does":                {pod(affinity(term(requirement("beta.kubernetes.io/os", "In", "windows")))), forWindows},
	"an affinity to nodes that are not Linux does":                      {pod(affinity(term(requirement(corev1.LabelOSStable, "NotIn", "linux")))), forWindows},
	"an affinity to a build does":                                       {pod(affinity(term(requirement(corev1.LabelWindowsBuild, "In", "10.0.20348", "10.0.26100")))), forWindows},
	"an affinity to nodes that have a build does":                       {pod(affinity(term(requirement(corev1.LabelWindowsBuild, "Exists")))), forWindows},
	"an affinity to Windows nodes among other things does":              {pod(affinity(term(requirement("disk", "In", "ssd"), requirement(corev1.LabelOSStable, "In", "windows")))), forWindows},
	"alternatives that are all on Windows nodes do":                     {pod(affinity(term(requirement(corev1.LabelOSStable, "In", "windows")), term(requirement(corev1.LabelWindowsBuild, "Exists")))), forWindows},
	"alternatives of which one is elsewhere do not":                     {pod(affinity(term(requirement(corev1.LabelOSStable, "In", "windows")), term(requirement("disk", "In", "ssd")))), nobody},
	"an affinity to nodes of either system says nothing":                {pod(affinity(term(requirement(corev1.LabelOSStable, "In", "linux", "windows")))), nobody},
	"an affinity to Linux nodes makes a Linux pod":                      {pod(affinity(term(requirement(corev1.LabelOSStable, "In", "linux")))), nobody},
	"an affinity to nodes that are not Windows makes a Linux pod":       {pod(affinity(term(requirement(corev1.LabelOSStable, "NotIn", "windows")))), nobody},
	"an affinity to nodes without a build says nothing":                 {pod(affinity(term(requirement(corev1.LabelWindowsBuild, "DoesNotExist")))), nobody},
	"an affinity without terms says nothing":                            {pod(affinity()), nobody},
	"an affinity to nodes by name says nothing":                         {pod(affinity(term())), nobody},
	"preferring Windows nodes says nothing":                             {pod(preferringWindows), nobody},
	"a thousand containers are looked at within the budget of CEL":      {pod(osName(corev1.Windows), thousandContainers), forWindows},
	"a thousand containers that say nothing are left alone within it":   {pod(thousandContainers), nobody},
	"a pod of a controller is looked at like any other":                 {pod(osName(corev1.Windows), ownedByController), forWindows},
	"a pod with a name to be generated is looked at like any other":     {pod(osName(corev1.Windows), nameless), forWindows},
	"a pod that is already bound to a node is looked at all the same":   {pod(osName(corev1.Windows), bound), forWindows},
	"a pod with scheduling gates is looked at when it is created":       {pod(osName(corev1.Windows), gated), forWindows},
	"the label that takes a namespace out does nothing on a pod":        {pod(osName(corev1.Windows), ignoring), forWindows},
	"an operating system of neither kind, were there one, says nothing": {pod(osName("plan9")), nobody},
}

func TestNewPodsAreSentToTheWebhooksThatTheyConcern(t *testing.T) {
	for server, api := range apiServers(t, defaultOverlay) {
		for sentence, test := range newPods {
			t.Run(server+"/"+sentence, func(t *testing.T) {
				got := api.calls(t, request{operation: admission.Create, object: test.pod.DeepCopy()})
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("webhooks called (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func askingFor(build string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Labels = map[string]string{v1alpha1.LabelWindowsBuild: build} }
}

func ofPod(spec *corev1.PodSpec) **corev1.WindowsSecurityContextOptions {
	spec.SecurityContext = &corev1.PodSecurityContext{}
	return &spec.SecurityContext.WindowsOptions
}

func ofContainer(spec *corev1.PodSpec) **corev1.WindowsSecurityContextOptions {
	spec.Containers[0].SecurityContext = &corev1.SecurityContext{}
	return &spec.Containers[0].SecurityContext.WindowsOptions
}

func ofInitContainer(spec *corev1.PodSpec) **corev1.WindowsSecurityContextOptions {
	spec.InitContainers[0].SecurityContext = &corev1.SecurityContext{}
	return &spec.InitContainers[0].SecurityContext.WindowsOptions
}

func gmsa(p *corev1.Pod) {
	p.Spec.SecurityContext = &corev1.PodSecurityContext{WindowsOptions: &corev1.WindowsSecurityContextOptions{
		GMSACredentialSpecName: ptr.To("web"),
	}}
}

func preferringWindows(p *corev1.Pod) {
	p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{{
			Weight: 1,
			Preference: corev1.NodeSelectorTerm{
				MatchExpressions: term(requirement(corev1.LabelOSStable, "In", "windows")),
			},
		}},
	}}
}

func thousandContainers(p *corev1.Pod) {
	for len(p.Spec.Containers) < 1000 {
		p.Spec.Containers = append(p.Spec.Containers, p.Spec.Containers[0])
	}
}

func ownedByController(p *corev1.Pod) {
	p.OwnerReferences = []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "web", Controller: ptr.To(true)}}
}

func nameless(p *corev1.Pod) { p.Name, p.GenerateName = "", "web-" }

func bound(p *corev1.Pod) { p.Spec.NodeName = "node-1" }

func gated(p *corev1.Pod) {
	p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/quota"}}
}

func ignoring(p *corev1.Pod) { p.Labels = map[string]string{"mullion.dev/ignore": "true"} }
