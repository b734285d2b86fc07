package mutate_test

import (
	"encoding/json"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/mutate"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// applyTo applies a patch as the API server does, and returns the pod's specification.
func applyTo(t *testing.T, pod string, patch []admission.Operation) string {
	t.Helper()
	raw, err := json.Marshal(patch)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := jsonpatch.DecodePatch(raw)
	if err != nil {
		t.Fatalf("reading patch %s: %v", raw, err)
	}
	patched, err := decoded.Apply([]byte(pod))
	if err != nil {
		t.Fatalf("applying patch %s: %v", raw, err)
	}
	return string(patched)
}

func canonical(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("reading %s: %v", text, err)
	}
	return value
}

func decode(t *testing.T, pod string) *workload.Pod {
	t.Helper()
	decoded, err := workload.Decode([]byte(pod))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

func TestPatch(t *testing.T) {
	toleration := corev1.Toleration{Key: "os", Operator: corev1.TolerationOpEqual, Value: "windows", Effect: corev1.TaintEffectNoSchedule}
	edits := &policy.Edits{
		NodeSelector: []policy.Label{
			{Key: corev1.LabelOSStable, Value: "windows"}, {Key: corev1.LabelWindowsBuild, Value: "10.0.20348"},
		},
		RuntimeClassName: "windows-10.0.20348",
		Tolerations:      []corev1.Toleration{toleration},
	}
	for sentence, c := range map[string]struct {
		pod   string
		edits *policy.Edits
		want  string
	}{
		"a bare pod gets whole fields": {
			pod: `{"spec":{"containers":[]}}`, edits: edits,
			want: `{"spec":{"containers":[],"nodeSelector":{"kubernetes.io/os":"windows","node.kubernetes.io/windows-build":"10.0.20348"},
				"runtimeClassName":"windows-10.0.20348","tolerations":[{"key":"os","operator":"Equal","value":"windows","effect":"NoSchedule"}]}}`,
		},
		"what the user wrote stays beside what is added": {
			pod: `{"spec":{"nodeSelector":{"pool":"a"},"tolerations":[{"key":"mine","operator":"Exists"}]}}`, edits: edits,
			want: `{"spec":{"nodeSelector":{"pool":"a","kubernetes.io/os":"windows","node.kubernetes.io/windows-build":"10.0.20348"},
				"runtimeClassName":"windows-10.0.20348","tolerations":[{"key":"mine","operator":"Exists"},
				{"key":"os","operator":"Equal","value":"windows","effect":"NoSchedule"}]}}`,
		},
		"empty fields are filled, not replaced": {
			pod: `{"spec":{"nodeSelector":{},"tolerations":[],"runtimeClassName":""}}`, edits: edits,
			want: `{"spec":{"nodeSelector":{"kubernetes.io/os":"windows","node.kubernetes.io/windows-build":"10.0.20348"},
				"runtimeClassName":"windows-10.0.20348","tolerations":[{"key":"os","operator":"Equal","value":"windows","effect":"NoSchedule"}]}}`,
		},
		"an inferred system is set": {
			pod: `{"spec":{}}`, edits: &policy.Edits{OS: "windows"}, want: `{"spec":{"os":{"name":"windows"}}}`,
		},
		"no edits are no patch": {
			pod: `{"spec":{"containers":[]}}`, edits: &policy.Edits{}, want: `{"spec":{"containers":[]}}`,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			patch := mutate.Patch(&decode(t, c.pod).Spec, c.edits, "spec")
			if diff := cmp.Diff(canonical(t, c.want), canonical(t, applyTo(t, c.pod, patch))); diff != "" {
				t.Errorf("patched pod (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAffinityPatchNarrowsEveryTermAndWidensNone(t *testing.T) {
	builds := []policy.Build{{Major: 10, Number: 20348}, {Major: 10, Number: 26100}}
	const requirement = `{"key":"node.kubernetes.io/windows-build","operator":"In","values":["10.0.20348","10.0.26100"]}`
	const required = `"requiredDuringSchedulingIgnoredDuringExecution"`
	for sentence, c := range map[string]struct{ pod, want string }{
		"no affinity": {
			pod:  `{"spec":{}}`,
			want: `{"spec":{"affinity":{"nodeAffinity":{` + required + `:{"nodeSelectorTerms":[{"matchExpressions":[` + requirement + `]}]}}}}}`,
		},
		"affinity of pods only, which stays": {
			pod:  `{"spec":{"affinity":{"podAffinity":{}}}}`,
			want: `{"spec":{"affinity":{"podAffinity":{},"nodeAffinity":{` + required + `:{"nodeSelectorTerms":[{"matchExpressions":[` + requirement + `]}]}}}}}`,
		},
		"preferred node affinity only, which stays": {
			pod: `{"spec":{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1}]}}}}`,
			want: `{"spec":{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1}],
				` + required + `:{"nodeSelectorTerms":[{"matchExpressions":[` + requirement + `]}]}}}}}`,
		},
		"several terms are each narrowed": {
			pod: `{"spec":{"affinity":{"nodeAffinity":{` + required + `:{"nodeSelectorTerms":[
				{"matchExpressions":[{"key":"zone","operator":"In","values":["a"]}]},
				{"matchFields":[{"key":"metadata.name","operator":"In","values":["n"]}]}]}}}}}`,
			want: `{"spec":{"affinity":{"nodeAffinity":{` + required + `:{"nodeSelectorTerms":[
				{"matchExpressions":[{"key":"zone","operator":"In","values":["a"]},` + requirement + `]},
				{"matchFields":[{"key":"metadata.name","operator":"In","values":["n"]}],"matchExpressions":[` + requirement + `]}]}}}}}`,
		},
		"an empty term, which matches nothing, stays so": {
			pod:  `{"spec":{"affinity":{"nodeAffinity":{` + required + `:{"nodeSelectorTerms":[{}]}}}}}`,
			want: `{"spec":{"affinity":{"nodeAffinity":{` + required + `:{"nodeSelectorTerms":[{}]}}}}}`,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			patch := mutate.AffinityPatch(&decode(t, c.pod).Spec, builds, "spec")
			if diff := cmp.Diff(canonical(t, c.want), canonical(t, applyTo(t, c.pod, patch))); diff != "" {
				t.Errorf("patched pod (-want +got):\n%s", diff)
			}
		})
	}
}
