package supportbundle

import (
	"slices"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// source is a sort of object that is gathered. There is none for Secrets.
type source struct {
	// file is the name of the file, without its ending.
	file     string
	resource schema.GroupVersionResource
	// namespaces are where; none for all, or for what is in none.
	namespaces []string
	// options narrow what is listed.
	options metav1.ListOptions
	// wanted tells which of those that are listed; nil for all.
	wanted func(*unstructured.Unstructured) bool
}

// first are gathered before the others: they tell where to look.
func first() []source {
	mullion := v1alpha1.SchemeGroupVersion
	return []source{
		{file: "windowshosts", resource: mullion.WithResource("windowshosts")},
		{
			file: "nodes", resource: corev1.SchemeGroupVersion.WithResource("nodes"),
			options: metav1.ListOptions{LabelSelector: corev1.LabelOSStable + "=" + string(corev1.Windows)},
		},
	}
}

// others are all other sources. Hosts are in the namespaces that are named after the first, which is Mullion's own.
func others(namespaces, nodes []string) []source {
	mullion := v1alpha1.SchemeGroupVersion
	core := corev1.SchemeGroupVersion
	webhooks := schema.GroupVersion{Group: "admissionregistration.k8s.io", Version: "v1"}
	own := namespaces[:1]
	ours := metav1.ListOptions{LabelSelector: "app.kubernetes.io/part-of=mullion"}
	sources := []source{
		{file: "windowsbuildpolicies", resource: mullion.WithResource("windowsbuildpolicies")},
		{file: "windowsnodeconfigs", resource: mullion.WithResource("windowsnodeconfigs")},
		{file: "runtimeclasses", resource: schema.GroupVersionResource{Group: "node.k8s.io", Version: "v1", Resource: "runtimeclasses"}},
		// Those of others as well: their order, and what they do to pods, matters.
		{file: "mutatingwebhookconfigurations", resource: webhooks.WithResource("mutatingwebhookconfigurations")},
		{file: "validatingwebhookconfigurations", resource: webhooks.WithResource("validatingwebhookconfigurations")},
		{file: "validatingadmissionpolicies", resource: webhooks.WithResource("validatingadmissionpolicies"), options: ours},
		{file: "validatingadmissionpolicybindings", resource: webhooks.WithResource("validatingadmissionpolicybindings"), options: ours},
		{
			file: "apiservices", resource: schema.GroupVersionResource{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"},
			options: metav1.ListOptions{FieldSelector: "metadata.name=v1alpha1." + placementv1alpha1.GroupName},
		},
		{file: "deployments", resource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}, namespaces: own},
		// The configurations that hosts can be taken back to.
		{
			file: "controllerrevisions", resource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "controllerrevisions"},
			namespaces: namespaces, options: metav1.ListOptions{LabelSelector: v1alpha1.GroupName + "/node-config"},
		},
		{file: "services", resource: core.WithResource("services"), namespaces: own},
		{file: "endpointslices", resource: schema.GroupVersionResource{Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"}, namespaces: own},
		{
			file: "windows-instances", resource: core.WithResource("configmaps"), namespaces: namespaces,
			options: metav1.ListOptions{FieldSelector: "metadata.name=windows-instances"},
		},
		{file: "leases", resource: schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}, namespaces: own},
		{
			file: "node-leases", resource: schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"},
			namespaces: []string{corev1.NamespaceNodeLease},
			wanted:     func(lease *unstructured.Unstructured) bool { return slices.Contains(nodes, lease.GetName()) },
		},
		{file: "events", resource: core.WithResource("events"), namespaces: namespaces},
		// Where events of what is in no namespace are.
		{file: "cluster-events", resource: core.WithResource("events"), namespaces: []string{metav1.NamespaceDefault}, wanted: aboutOurs},
	}
	for name, signer := range map[string]string{
		"serving": certificatesv1.KubeletServingSignerName, "client": certificatesv1.KubeAPIServerClientKubeletSignerName,
	} {
		sources = append(sources, source{
			file:     "certificatesigningrequests-" + name,
			resource: certificatesv1.SchemeGroupVersion.WithResource("certificatesigningrequests"),
			options:  metav1.ListOptions{FieldSelector: "spec.signerName=" + signer},
		})
	}
	slices.SortFunc(sources, func(a, b source) int { return strings.Compare(a.file, b.file) })
	return sources
}

// aboutOurs tells that an event is about something that is gathered.
func aboutOurs(event *unstructured.Unstructured) bool {
	kind, _, err := unstructured.NestedString(event.Object, "involvedObject", "kind")
	return err == nil && slices.Contains([]string{"Node", "RuntimeClass", "WindowsBuildPolicy", "WindowsNodeConfig"}, kind)
}
