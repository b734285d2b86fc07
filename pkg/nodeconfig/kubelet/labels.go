package kubelet

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// SplitLabels tells labels that a kubelet may register its own node with from those that somebody else has to set.
//
// The rules are those of the kubelet's flag --node-labels, with which it does not start otherwise, and of the
// admission plugin NodeRestriction, which refuses a node that sets what keeps workloads apart; see
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction.
func SplitLabels(labels map[string]string) (registered, managed map[string]string) {
	registered, managed = map[string]string{}, map[string]string{}
	for key, value := range labels {
		if mayRegister(key) {
			registered[key] = value
		} else {
			managed[key] = value
		}
	}
	return registered, managed
}

func mayRegister(key string) bool {
	namespace, _, found := strings.Cut(key, "/")
	if !found {
		return true
	}
	if within(namespace, corev1.LabelNamespaceNodeRestriction) {
		return false
	}
	if !within(namespace, "kubernetes.io") && !within(namespace, "k8s.io") {
		return true
	}
	return slices.Contains(ownLabels(), key) ||
		within(namespace, corev1.LabelNamespaceSuffixKubelet) || within(namespace, corev1.LabelNamespaceSuffixNode)
}

// within tells whether a namespace is the other, or a subdomain of it.
func within(namespace, of string) bool {
	return namespace == of || strings.HasSuffix(namespace, "."+of)
}

// ownLabels are Kubernetes' own labels that a kubelet may set on its node, from
// https://github.com/kubernetes/kubelet/blob/master/pkg/apis/well_known_labels.go.
func ownLabels() []string {
	return []string{
		corev1.LabelHostname,
		corev1.LabelTopologyZone, corev1.LabelTopologyRegion,
		corev1.LabelFailureDomainBetaZone, corev1.LabelFailureDomainBetaRegion,
		corev1.LabelInstanceType, corev1.LabelInstanceTypeStable,
		corev1.LabelOSStable, corev1.LabelArchStable,
		"beta.kubernetes.io/os", "beta.kubernetes.io/arch",
	}
}
