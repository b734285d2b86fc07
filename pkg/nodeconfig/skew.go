package nodeconfig

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/version"
)

// maxMinorSkew is how many minor versions a kubelet may be older than an API server.
const maxMinorSkew = 3

// CheckSkew says why a kubelet may not join a cluster whose oldest API server has this version; nil if it may. The
// rule is that of https://kubernetes.io/releases/version-skew-policy/#kubelet: never newer, and at most three minor
// versions older. Patch versions do not count. kube-proxy follows the same rule.
func CheckSkew(kubelet, oldestServer *version.Version) error {
	switch {
	case kubelet.Major() != oldestServer.Major():
		return fmt.Errorf("kubelet %s and API server %s are of different major versions", kubelet, oldestServer)
	case kubelet.Minor() > oldestServer.Minor():
		return fmt.Errorf("kubelet %s is newer than API server %s: upgrade the control plane first", kubelet, oldestServer)
	case oldestServer.Minor()-kubelet.Minor() > maxMinorSkew:
		return fmt.Errorf("kubelet %s is more than %d minor versions older than API server %s", kubelet, maxMinorSkew, oldestServer)
	}
	return nil
}
