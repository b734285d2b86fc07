package policy

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// taintKind is why a node carries a taint, as far as placing a pod is concerned.
type taintKind int

const (
	// taintOS keeps a node for Windows pods. A placed pod is given a toleration for it.
	taintOS taintKind = iota
	// taintLifecycle says that the node takes no pods just now. The node counts as not available.
	taintLifecycle
	// taintReservation keeps a node for somebody. Only the pod itself may tolerate it.
	taintReservation
)

// lifecycleTaintPrefixes are the keys, or their beginnings, by which Kubernetes, cloud providers and
// autoscalers take a node out of service for a while.
//
// Source: https://kubernetes.io/docs/reference/labels-annotations-taints/ and the autoscalers' documentation.
func lifecycleTaintPrefixes() []string {
	return []string{
		"node.kubernetes.io/not-ready",
		"node.kubernetes.io/unreachable",
		"node.kubernetes.io/unschedulable",
		"node.kubernetes.io/memory-pressure",
		"node.kubernetes.io/disk-pressure",
		"node.kubernetes.io/pid-pressure",
		"node.kubernetes.io/network-unavailable",
		"node.kubernetes.io/out-of-service",
		"node.cloudprovider.kubernetes.io/",
		"ToBeDeletedByClusterAutoscaler",
		"DeletionCandidateOfClusterAutoscaler",
		"karpenter.sh/",
	}
}

// kindOf tells a node's taints apart. Distributions keep Linux pods off Windows nodes by different taints:
// os=Windows, os=windows, node.kubernetes.io/os=windows. What they share is that the value, or the key's own
// name, says Windows; any other taint is somebody's reservation.
func kindOf(taint corev1.Taint) taintKind {
	if slices.ContainsFunc(lifecycleTaintPrefixes(), func(prefix string) bool {
		return strings.HasPrefix(taint.Key, prefix)
	}) {
		return taintLifecycle
	}
	name := taint.Key[strings.LastIndexByte(taint.Key, '/')+1:]
	if strings.EqualFold(taint.Value, "windows") || strings.EqualFold(name, "windows") {
		return taintOS
	}
	return taintReservation
}

// repels tells whether a taint keeps pods from being bound to its node; PreferNoSchedule does not.
func repels(taint corev1.Taint) bool {
	return taint.Effect == corev1.TaintEffectNoSchedule || taint.Effect == corev1.TaintEffectNoExecute
}

// tolerationFor tolerates exactly one taint.
func tolerationFor(taint corev1.Taint) corev1.Toleration {
	if taint.Value == "" {
		return corev1.Toleration{Key: taint.Key, Operator: corev1.TolerationOpExists, Effect: taint.Effect}
	}
	return corev1.Toleration{Key: taint.Key, Operator: corev1.TolerationOpEqual, Value: taint.Value, Effect: taint.Effect}
}

// tolerates tells whether one of the tolerations tolerates the taint. Numeric comparison operators, a
// feature that is off by default, tolerate nothing here: at worst a pod is given a second toleration.
func tolerates(tolerations []corev1.Toleration, taint corev1.Taint) bool {
	for i := range tolerations {
		t := &tolerations[i]
		if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
			continue
		}
		switch t.Operator {
		case corev1.TolerationOpExists:
			return true
		case corev1.TolerationOpEqual, "":
			if t.Key != "" && t.Value == taint.Value {
				return true
			}
		}
	}
	return false
}

// covers tells whether the tolerations already hold one that tolerates whatever another does.
func covers(tolerations []corev1.Toleration, other corev1.Toleration) bool {
	for i := range tolerations {
		t := &tolerations[i]
		if t.Effect != "" && t.Effect != other.Effect || t.Key != "" && t.Key != other.Key {
			continue
		}
		if t.TolerationSeconds != nil && (other.TolerationSeconds == nil || *t.TolerationSeconds < *other.TolerationSeconds) {
			continue
		}
		if t.Operator == corev1.TolerationOpExists || operator(*t) == operator(other) && t.Value == other.Value {
			return true
		}
	}
	return false
}

func operator(t corev1.Toleration) corev1.TolerationOperator {
	if t.Operator == "" {
		return corev1.TolerationOpEqual
	}
	return t.Operator
}
