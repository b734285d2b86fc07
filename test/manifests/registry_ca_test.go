package manifests_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/test/manifests"
)

func TestBothProgramsReadTheAuthoritiesOfRegistriesFromWhereTheyAreMounted(t *testing.T) {
	objects, err := manifests.Build("test/manifests/testdata/registry-ca")
	if err != nil {
		t.Fatal(err)
	}
	for program, volumes := range map[string][]string{
		"mullion-webhook":     {"mullion-registry-ca"},
		"mullion-nodemanager": {"mullion-registry-ca", "bundles"},
	} {
		var deployment appsv1.Deployment
		if err := objects.Decode("Deployment", program, &deployment); err != nil {
			t.Fatal(err)
		}
		pod := deployment.Spec.Template.Spec
		mounted := map[string]string{} // Of what to where.
		for _, mount := range pod.Containers[0].VolumeMounts {
			at := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
			if at < 0 {
				t.Fatalf("%s mounts %s, which is no volume", program, mount.Name)
			}
			what := mount.Name
			if from := pod.Volumes[at].ConfigMap; from != nil {
				what = from.Name
			}
			mounted[what] = mount.MountPath
		}
		for _, volume := range volumes {
			if mounted[volume] == "" {
				t.Errorf("%s does not mount %s: %v", program, volume, mounted)
			}
		}
		for _, arg := range pod.Containers[0].Args {
			if file, ok := strings.CutPrefix(arg, "--registry-ca-file="); ok && path.Dir(file) == mounted["mullion-registry-ca"] {
				delete(mounted, "mullion-registry-ca")
			}
		}
		if mounted["mullion-registry-ca"] != "" {
			t.Errorf("%s is not told of it: %v", program, pod.Containers[0].Args)
		}
	}
}
