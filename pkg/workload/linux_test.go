package workload

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinuxOnlyFieldsAreNamedByTheirPaths(t *testing.T) {
	const everyPodField = `{"appArmorProfile":{},"seLinuxOptions":{},"seLinuxChangePolicy":"Recursive","seccompProfile":{},"fsGroup":0,
		"fsGroupChangePolicy":"Always","sysctls":[{}],"runAsUser":0,"runAsGroup":0,"supplementalGroups":[0],"supplementalGroupsPolicy":"Merge"}`
	const everyContainerField = `{"appArmorProfile":{},"seLinuxOptions":{},"seccompProfile":{},"capabilities":{},"readOnlyRootFilesystem":false,
		"privileged":false,"allowPrivilegeEscalation":false,"procMount":"Default","runAsUser":0,"runAsGroup":0}`
	under := func(prefix, names string) []string {
		var paths []string
		for _, name := range strings.Fields(names) {
			paths = append(paths, prefix+name)
		}
		return paths
	}
	const ofContainers = "appArmorProfile seLinuxOptions seccompProfile capabilities readOnlyRootFilesystem privileged " +
		"allowPrivilegeEscalation procMount runAsUser runAsGroup"

	tests := map[string]struct {
		spec string
		want []string
	}{
		"none of a pod without security contexts": {`{"containers":[{}]}`, nil},
		"none of a pod with what Windows knows": {
			`{"securityContext":{"runAsNonRoot":true,"windowsOptions":{}},"containers":[{"securityContext":{"runAsNonRoot":true}}]}`, nil,
		},
		"none that is null": {`{"securityContext":{"runAsUser":null,"sysctls":[]}}`, nil},
		"each of the pod's, whatever its value": {
			`{"securityContext":` + everyPodField + `}`,
			under("spec.securityContext.", "appArmorProfile seLinuxOptions seLinuxChangePolicy seccompProfile fsGroup "+
				"fsGroupChangePolicy sysctls runAsUser runAsGroup supplementalGroups supplementalGroupsPolicy"),
		},
		"each of a container's": {
			`{"containers":[{},{"securityContext":` + everyContainerField + `}]}`,
			under("spec.containers[1].securityContext.", ofContainers),
		},
		"each of an init container's": {
			`{"initContainers":[{"securityContext":` + everyContainerField + `}]}`,
			under("spec.initContainers[0].securityContext.", ofContainers),
		},
		"each of an ephemeral container's": {
			`{"ephemeralContainers":[{"securityContext":` + everyContainerField + `}]}`,
			under("spec.ephemeralContainers[0].securityContext.", ofContainers),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			pod, err := Decode([]byte(`{"spec":` + test.spec + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, pod.LinuxOnlyFields()); diff != "" {
				t.Errorf("want (-), got (+):\n%s", diff)
			}
		})
	}
}
