package policy_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// The words of a refusal are what a developer has at three in the morning, so they are tested as such.
func TestADenialSaysWhatIsWrongWhereAndWhatFixesIt(t *testing.T) {
	oldFleet := buildPolicy([]string{ws2022, ws2019}, state(ws2019, v1alpha1.BuildDeprecated))
	for sentence, c := range map[string]struct {
		policy v1alpha1.WindowsBuildPolicy
		pod    *workload.Pod
		want   string
	}{
		"an image too new for every allowed build": {
			policy: oldFleet, pod: windowsPod([]string{"core:2025"}),
			want: `spec.containers[0].image: image "core:2025" is built for 10.0.26100 (Windows Server 2025), and runs on no build that is allowed. ` +
				`Policy "default" allows 10.0.20348 (Windows Server 2022; 2 of 2 nodes Ready) and 10.0.17763 (Windows Server 2019; deprecated; 2 of 2 nodes Ready). ` +
				`To fix it, use an image for container "core" that is built for 10.0.20348 (base image tag ltsc2022).`,
		},
		"a Linux image": {
			policy: oldFleet, pod: windowsPod([]string{"core:2022", "linux:1"}),
			want: `spec.containers[1].image: container "linux" of this Windows pod has an image without a Windows variant: "linux:1" is built for linux/amd64 and linux/arm64 only. ` +
				`To fix it, give container "linux" a Windows image; where a webhook injects this container, exempt the pod from the injection.`,
		},
		"containers that disagree": {
			policy: oldFleet, pod: windowsPod([]string{"core:2022", "single:2019"}),
			want: `spec.containers[1].image: no build runs all containers of the pod: image "single:2019" of container "single" runs on 10.0.17763 (Windows Server 2019), ` +
				`but container "core" runs on 10.0.20348 (Windows Server 2022). ` +
				`Policy "default" allows 10.0.20348 (Windows Server 2022; 2 of 2 nodes Ready) and 10.0.17763 (Windows Server 2019; deprecated; 2 of 2 nodes Ready). ` +
				`To fix it, use an image for container "single" that is built for 10.0.20348 (Windows Server 2022).`,
		},
		"containers that disagree, of which the one with the outdated image is to change": {
			policy: buildPolicy([]string{ws2022, ws2019}, state(ws2019, v1alpha1.BuildDeprecated)), pod: windowsPod([]string{"single:2019", "silent:1", "core:2022"}),
			want: `spec.containers[0].image: no build runs all containers of the pod: image "single:2019" of container "single" runs on 10.0.17763 (Windows Server 2019), ` +
				`but container "core" runs on 10.0.20348 (Windows Server 2022). ` +
				`Policy "default" allows 10.0.20348 (Windows Server 2022; 2 of 2 nodes Ready) and 10.0.17763 (Windows Server 2019; deprecated; 2 of 2 nodes Ready). ` +
				`To fix it, use an image for container "single" that is built for 10.0.20348 (Windows Server 2022).`,
		},
		"a build that is not allowed": {
			policy: oldFleet, pod: windowsPod([]string{"multi:all"}, selecting(corev1.LabelWindowsBuild, ws2025)),
			want: `spec.nodeSelector[node.kubernetes.io/windows-build]: the pod selects "10.0.26100", which no build that is allowed can satisfy. ` +
				`Policy "default" allows 10.0.20348 (Windows Server 2022; 2 of 2 nodes Ready) and 10.0.17763 (Windows Server 2019; deprecated; 2 of 2 nodes Ready). ` +
				`To fix it, remove it, so that the pod is placed by its images, or select 10.0.20348 (base image tag ltsc2022).`,
		},
		"a build that cannot run the image": {
			policy: oldFleet, pod: windowsPod([]string{"core:2019"}, selecting(corev1.LabelWindowsBuild, ws2022)),
			want: `spec.nodeSelector[node.kubernetes.io/windows-build]: the pod selects 10.0.20348 (Windows Server 2022), but image "core:2019" of container "core" is built for 10.0.17763 (Windows Server 2019). ` +
				`Policy "default" allows 10.0.20348 (Windows Server 2022; 2 of 2 nodes Ready) and 10.0.17763 (Windows Server 2019; deprecated; 2 of 2 nodes Ready). ` +
				`To fix it, remove spec.nodeSelector[node.kubernetes.io/windows-build], so that the pod is placed on 10.0.17763 (Windows Server 2019), or use an image built for 10.0.20348 (Windows Server 2022).`,
		},
		"a build on which it was placed before its image was known": {
			policy: oldFleet,
			pod: windowsPod([]string{"core:2019"}, selecting(corev1.LabelOSStable, "windows"),
				selecting(corev1.LabelWindowsBuild, ws2022), inClass("windows-10.0.20348")),
			want: `spec.runtimeClassName: the pod selects 10.0.20348 (Windows Server 2022), but image "core:2019" of container "core" is built for 10.0.17763 (Windows Server 2019). ` +
				`Policy "default" allows 10.0.20348 (Windows Server 2022; 2 of 2 nodes Ready) and 10.0.17763 (Windows Server 2019; deprecated; 2 of 2 nodes Ready). ` +
				`To fix it, create the pod again, so that it is placed by what is known of its images now; where it selects 10.0.20348 (Windows Server 2022) by itself, remove that, or use an image built for it.`,
		},
		"a retired build": {
			policy: buildPolicy([]string{ws2022, ws2019}, state(ws2019, v1alpha1.BuildRetired)), pod: windowsPod([]string{"core:2019"}),
			want: `spec.containers[0].image: the pod can run only on 10.0.17763 (Windows Server 2019), which policy "default" has retired. ` +
				`Policy "default" allows 10.0.20348 (Windows Server 2022; 2 of 2 nodes Ready) and 10.0.17763 (Windows Server 2019; retired; 2 of 2 nodes Ready). ` +
				`To fix it, rebuild image "core:2019" for 10.0.20348 (base image tag ltsc2022).`,
		},
		"a preview": {
			policy: buildPolicy([]string{ws2022, ws2025}, state(ws2025, v1alpha1.BuildPreview)), pod: windowsPod([]string{"core:2025"}),
			want: `spec.containers[0].image: the pod can run only on 10.0.26100 (Windows Server 2025), which policy "default" offers as a preview to pods that ask for it. ` +
				`Policy "default" allows 10.0.20348 (Windows Server 2022; 2 of 2 nodes Ready) and 10.0.26100 (Windows Server 2025; preview; 2 of 2 nodes Ready). ` +
				`To fix it, add the label mullion.dev/windows-build: "10.0.26100" to the pod.`,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{c.policy}, nodes: fleet()}
			decision := w.evaluate(t, &policy.Request{Pod: c.pod})
			if decision.Denial == nil {
				t.Fatal("not refused")
			}
			if got := decision.Denial.String(); got != c.want {
				t.Errorf("refused with\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
