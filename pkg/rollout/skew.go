package rollout

import "k8s.io/apimachinery/pkg/util/version"

// NeedsDrain tells whether a node has to be drained before its kubelet goes from one version to another, such as from
// v1.36.4 to v1.37.2: pods are not promised to survive another minor version, back or forth. Where either version
// cannot be read it does, and where there was no kubelet it does not.
// Source: https://kubernetes.io/releases/version-skew-policy/#kubelet-1
func NeedsDrain(before, after string) bool {
	if before == "" || before == after {
		return false
	}
	b, errBefore := version.ParseSemantic(before)
	a, errAfter := version.ParseSemantic(after)
	return errBefore != nil || errAfter != nil || b.Major() != a.Major() || b.Minor() != a.Minor()
}
