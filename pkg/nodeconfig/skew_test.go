package nodeconfig_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

func TestAKubeletIsNeverNewerAndAtMostThreeMinorVersionsOlder(t *testing.T) {
	for sentence, c := range map[string]struct {
		kubelet, server, want string
	}{
		"the same is allowed":                  {"v1.37.2", "v1.37.2", ""},
		"a newer patch is allowed":             {"v1.37.9", "v1.37.0", ""},
		"three older is allowed":               {"v1.34.0", "v1.37.2", ""},
		"four older is refused":                {"v1.33.11", "v1.37.2", "kubelet 1.33.11 is more than 3 minor versions older than API server 1.37.2"},
		"a newer minor is refused":             {"v1.38.0", "v1.37.2", "kubelet 1.38.0 is newer than API server 1.37.2: upgrade the control plane first"},
		"another major is refused":             {"v2.0.0", "v1.37.2", "kubelet 2.0.0 and API server 1.37.2 are of different major versions"},
		"a distribution's suffix says nothing": {"v1.37.2", "v1.37.2-gke.1403", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := ""
			if err := nodeconfig.CheckSkew(version.MustParseSemantic(c.kubelet), version.MustParseSemantic(c.server)); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
