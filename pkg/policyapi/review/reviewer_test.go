package review_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policyapi/review"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestAnswersAreAsReviewed(t *testing.T) {
	mutating := offering("default", ws2022, ws2019)
	mutating.Spec.DaemonSets.Templates = v1alpha1.DaemonSetTemplateMutate
	warning := offering("default", ws2022)
	warning.Spec.Mode = v1alpha1.ModeWarn
	for name, c := range map[string]struct {
		policy   *v1alpha1.WindowsBuildPolicy
		question review.Question
	}{
		"pod-placed":           {offering("default", ws2025, ws2022, ws2019), question(windowsPod(nil, "core:2022"))},
		"pod-refused":          {offering("default", ws2022), question(windowsPod(nil, "core:2022", "linux:1"))},
		"pod-warned":           {warning, question(windowsPod(map[string]any{"hostNetwork": true}, "core:2019"))},
		"deployment-refused":   {offering("default", ws2022), question(owned("Deployment", windowsPod(nil, "core:2025")))},
		"daemonset-changed":    {mutating, question(owned("DaemonSet", windowsPod(nil, "core:2022")))},
		"what-if-retired":      {offering("default", ws2022, ws2019), question(windowsPod(nil, "core:2019"), assuming(retired(ws2019)))},
		"without-pull-secrets": {offering("default", ws2022), question(windowsPod(nil, "core:2022"), asked(reader{}))},
	} {
		t.Run(name, func(t *testing.T) {
			status := answer(t, newWorld(t, c.policy), c.question).Status
			got, err := yaml.Marshal(status)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".yaml")
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("the answer differs; go test with -update writes it anew (-want +got):\n%s", diff)
			}
		})
	}
}

func retired(build string) placementv1alpha1.Assumptions {
	return placementv1alpha1.Assumptions{States: []placementv1alpha1.AssumedState{{Build: build, State: v1alpha1.BuildRetired}}}
}

func TestQuestionsThatMakeNoSenseAreRefusedByField(t *testing.T) {
	pod := windowsPod(nil, "core:2022")
	elsewhere := windowsPod(nil, "core:2022")
	elsewhere["metadata"] = map[string]any{"namespace": "elsewhere"}
	type assumptions = placementv1alpha1.Assumptions
	for sentence, c := range map[string]struct {
		question review.Question
		want     string
	}{
		"no object":                 {question(""), "spec.object: Required value"},
		"null":                      {question("null"), "spec.object: Required value"},
		"no Kubernetes object":      {question("[]"), "spec.object: Invalid value: it is no Kubernetes object"},
		"no kind":                   {question(`{"apiVersion":"v1"}`), "spec.object.kind: Required value"},
		"no version":                {question(`{"kind":"Pod"}`), "spec.object.apiVersion: Required value"},
		"a kind without pods":       {question(`{"apiVersion":"v1","kind":"ConfigMap"}`), `spec.object.kind: Invalid value: "ConfigMap": objects of kind ConfigMap make no pods`},
		"a version that is no more": {question(`{"apiVersion":"apps/v1beta9","kind":"Deployment"}`), `spec.object.apiVersion: Unsupported value: "apps/v1beta9"`},
		"a field of another type":   {question(`{"apiVersion":"v1","kind":"Pod","spec":{"containers":{}}}`), "spec.object: Invalid value: json: cannot unmarshal object"},
		"another namespace":         {question(elsewhere), `spec.object.metadata.namespace: Invalid value: "elsewhere"`},
		"an assumed build that is none": {
			question(pod, assuming(assumptions{States: []placementv1alpha1.AssumedState{{Build: "ltsc2022", State: v1alpha1.BuildRetired}}})),
			`spec.assume.states[0].build: Invalid value: "ltsc2022"`,
		},
		"an assumed state that is none": {
			question(pod, assuming(assumptions{States: []placementv1alpha1.AssumedState{{Build: ws2022, State: "Gone"}}})),
			`spec.assume.states[0].state: Unsupported value: "Gone"`,
		},
		"a rule for a build that is none": {
			question(pod, assuming(assumptions{Builds: []v1alpha1.BuildRule{{Build: ws2022, Isolation: "Jail"}}})),
			`spec.assume.builds[0].isolation: Unsupported value: "Jail"`,
		},
		"a policy that cannot be": {
			question(pod, assuming(assumptions{Policy: &v1alpha1.WindowsBuildPolicySpec{Mode: "Maybe"}})),
			`spec.assume.policy.mode: Unsupported value: "Maybe"`,
		},
		"a policy without builds": {
			question(pod, assuming(assumptions{Policy: &v1alpha1.WindowsBuildPolicySpec{}})), "spec.assume.policy: Invalid value: spec.builds: a policy needs at least one build",
		},
		"an upgrade to nothing": {
			question(pod, assuming(assumptions{Upgrades: []placementv1alpha1.BuildUpgrade{{From: ws2022, To: "x"}}})),
			`spec.assume.upgrades[0].to: Invalid value: "x"`,
		},
		"two upgrades of one build": {
			question(pod, assuming(assumptions{Upgrades: []placementv1alpha1.BuildUpgrade{{From: ws2022, To: ws2025}, {From: ws2022, To: ws2025}}})),
			"spec.assume.upgrades[1].from: Duplicate value",
		},
		"a node that there is not": {
			question(pod, assuming(assumptions{RemovedNodes: []string{"z"}})), `spec.assume: Invalid value: removedNodes[0]: there is no Windows node "z"`,
		},
		"more nodes than there can be": {
			question(pod, assuming(assumptions{Nodes: []placementv1alpha1.AssumedNodes{{Build: ws2022, Count: 6000}, {Build: ws2022, Count: 4001}}})),
			"spec.assume.nodes: Too many: 10001: must have at most 10000 items",
		},
		"a node that contradicts itself": {
			question(pod, assuming(assumptions{Nodes: []placementv1alpha1.AssumedNodes{{Build: ws2022, Labels: map[string]string{corev1.LabelOSStable: "linux"}}}})),
			"spec.assume.nodes[0].labels[kubernetes.io/os]: Forbidden",
		},
		"a taint without an effect that exists": {
			question(pod, assuming(assumptions{Nodes: []placementv1alpha1.AssumedNodes{{Build: ws2022, Taints: []corev1.Taint{{Key: "os", Effect: "Never"}}}}})),
			`spec.assume.nodes[0].taints[0].effect: Unsupported value: "Never"`,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := newWorld(t, offering("default", ws2022)).reviewer(t).Review(t.Context(), c.question)
			var invalid *review.InvalidError
			if !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %s", err, c.want)
			}
		})
	}
}

func TestFieldsThatDoNotExistAreToldOf(t *testing.T) {
	q := question(`{"apiVersion":"v1","kind":"Pod","spec":{"os":{"name":"windows"},"contaners":[]}}`)
	strict := answer(t, newWorld(t, offering("default", ws2022)), q).Strict
	if len(strict) != 1 || strict[0].Field != "spec.object.spec.contaners" || strict[0].Detail != "unknown field" {
		t.Errorf("told of %v", strict)
	}
}

func TestNothingIsAnsweredThatIsNotKnown(t *testing.T) {
	w := newWorld(t, offering("default", ws2022))
	w.cluster.snapshot = nil
	if _, err := w.reviewer(t).Review(t.Context(), question(windowsPod(nil, "core:2022"))); !errors.Is(err, placement.ErrNotReady) {
		t.Errorf("before the cluster is known: %v", err)
	}
	w = newWorld(t, offering("default", ws2022))
	q := question(windowsPod(nil, "core:2022"))
	q.Namespace = "nowhere"
	if _, err := w.reviewer(t).Review(t.Context(), q); !errors.Is(err, errAway) {
		t.Errorf("of a namespace that cannot be read: %v", err)
	}
}

func TestASuppositionThatChangesNothingIsNoted(t *testing.T) {
	w := newWorld(t, offering("default", ws2022))
	states := []placementv1alpha1.AssumedState{{Build: "10.0.14393", State: v1alpha1.BuildRetired}, {Build: ws2022, State: v1alpha1.BuildDeprecated}}
	status := answer(t, w, question(windowsPod(nil, "core:2022"), assuming(placementv1alpha1.Assumptions{States: states}))).Status
	if notes := strings.Join(status.Notes, "\n"); !strings.Contains(notes, "no policy lists 10.0.14393") || strings.Contains(notes, ws2022) {
		t.Errorf("notes are %q", status.Notes)
	}
}

func TestANamespaceThatIsNotShownToAdmissionIsLeftAlone(t *testing.T) {
	w := newWorld(t, offering("default", ws2022))
	q := question(windowsPod(nil, "linux:1"))
	q.Namespace = "kube-system"
	status := answer(t, w, q).Status
	if !status.Allowed || status.Policy != "" || len(w.registry.asked) > 0 || len(status.Notes) != 1 {
		t.Errorf("answered %+v, asked about %q", status, w.registry.asked)
	}
}

func TestWhatIsAskedTwiceIsAskedOnce(t *testing.T) {
	w := newWorld(t, offering("default", ws2022))
	rights := 0
	q := question(owned("Deployment", windowsPod(nil, "core:2022", "core:2022", "core:multi")), asked(reader{may: true, asked: &rights}))
	answer(t, w, q)
	if diff := cmp.Diff([]string{"core:2022", "core:multi"}, w.registry.asked); diff != "" {
		t.Errorf("images asked about (-want +got):\n%s", diff)
	}
	if rights != 1 {
		t.Errorf("the caller's rights were asked for %d times", rights)
	}
	linux := windowsPod(map[string]any{"os": map[string]any{"name": "linux"}}, "linux:1")
	answer(t, w, question(linux, asked(reader{asked: &rights})))
	if rights != 1 {
		t.Error("the caller's rights were asked for though no image was")
	}
}

func TestPullSecretsAreNotUsedForWhomThatIsNotSure(t *testing.T) {
	for sentence, c := range map[string]struct {
		caller reader
		note   string
	}{
		"who may not read them":          {reader{}, "because you may not read secrets in namespace shop"},
		"about whom nobody can be asked": {reader{may: true, err: errAway}, "could not be found out"},
		"who may read them":              {reader{may: true}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t, offering("default", ws2022))
			status := answer(t, w, question(windowsPod(nil, "core:2022"), asked(c.caller))).Status
			if anonymous := c.note != ""; len(w.registry.anonymous) != 1 || w.registry.anonymous[0] != anonymous {
				t.Errorf("asked anonymously: %v", w.registry.anonymous)
			}
			if notes := strings.Join(status.Notes, "\n"); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
				t.Errorf("notes are %q", status.Notes)
			}
		})
	}
}
