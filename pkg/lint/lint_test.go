package lint_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/lint"
	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const policies = `apiVersion: mullion.dev/v1alpha1
kind: WindowsBuildPolicy
metadata:
  name: default
spec:
  builds:
  - build: 10.0.26100
  - build: 10.0.20348
  - build: 10.0.17763
    state: Deprecated
`

// windows is an image for Windows versions.
func windows(versions ...string) policy.ImageResult {
	image := &policy.Image{Index: true}
	for _, version := range versions {
		image.Platforms = append(image.Platforms, policy.Platform{OS: "windows", Architecture: "amd64", OSVersion: version})
	}
	return policy.ImageResult{Image: image}
}

func images() map[string]policy.ImageResult {
	return map[string]policy.ImageResult{
		"core:2016": windows("10.0.14393.7000"),
		"core:2019": windows("10.0.17763.6293"),
		"core:2022": windows("10.0.20348.2700"),
		"core:2025": windows("10.0.26100.1742"),
		"nginx":     {Image: &policy.Image{Platforms: []policy.Platform{{OS: "linux", Architecture: "amd64"}}}},
		"lost":      {Problem: &policy.ImageProblem{Reason: policy.ImageNotFound, Message: "there is no such image"}},
	}
}

// report lints manifests by policies.
func report(t *testing.T, policies, manifests string, o lint.Options) *lint.Report {
	t.Helper()
	compiled, problems := lint.Policies(manifest.Parse("policies.yaml", []byte(policies)))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	linter := lint.New(manifest.Parse("web.yaml", []byte(manifests)), compiled, o)
	known := images()
	facts := map[string]policy.ImageResult{}
	for _, reference := range linter.References() {
		facts[reference] = known[reference]
	}
	return linter.Report(facts)
}

// brief is a finding without its words.
type brief struct {
	Severity lint.Severity
	Reason   policy.Reason
	Field    string
	Line     int
}

func briefs(object lint.Object) []brief {
	var all []brief
	for _, f := range object.Findings {
		all = append(all, brief{f.Severity, f.Reason, f.Field, f.Line})
	}
	return all
}

const head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n"

func TestObjectsAreJudgedAsTheWebhookWould(t *testing.T) {
	for sentence, c := range map[string]struct {
		manifest string
		verdict  lint.Verdict
		build    string
		want     []brief
	}{
		"a template that runs on a build": {
			head + "    spec:\n      os: {name: windows}\n      containers:\n      - image: core:2022\n", lint.Placed, "10.0.26100", nil,
		},
		"a template that runs on none": {
			head + "    spec:\n      os: {name: windows}\n      containers:\n      - name: web\n        image: core:2016\n", lint.Refused, "",
			[]brief{{lint.Error, policy.ReasonImageIncompatible, "spec.template.spec.containers[0].image", 10}},
		},
		"a deprecated build": {
			head + "    spec:\n      os: {name: windows}\n      containers:\n      - image: core:2019\n", lint.Placed, "10.0.17763",
			[]brief{{lint.Warning, policy.ReasonDeprecated, "", 1}},
		},
		"an image that is not known": {
			head + "    spec:\n      os: {name: windows}\n      initContainers:\n      - image: lost\n", lint.Placed, "10.0.26100",
			[]brief{{lint.Warning, policy.ReasonImageUnresolved, "spec.template.spec.initContainers[0].image", 9}},
		},
		"a setting that Windows does not have": {
			head + "    spec:\n      os: {name: windows}\n      hostNetwork: true\n      containers:\n      - image: core:2022\n", lint.Placed, "10.0.26100",
			[]brief{{lint.Warning, "UnsupportedOnWindows", "spec.template.spec.hostNetwork", 8}},
		},
		"a build label that is none": {
			head + "    metadata:\n      labels:\n        mullion.dev/windows-build: ltsc2022\n    spec:\n      containers:\n      - image: core:2022\n", lint.Refused, "",
			[]brief{{lint.Error, policy.ReasonInvalidBuildLabel, "spec.template.metadata.labels[mullion.dev/windows-build]", 8}},
		},
		"a Linux image in a pod": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  - image: nginx\n", lint.Refused, "",
			[]brief{{lint.Error, policy.ReasonLinuxImage, "spec.containers[0].image", 7}},
		},
		"a pod that has yet to be placed": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  - image: core:2022\n", lint.Placed, "10.0.26100", nil,
		},
		"a CronJob": {
			"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: web}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          os: {name: windows}\n          containers:\n          - image: nginx\n",
			lint.Refused, "", []brief{{lint.Error, policy.ReasonLinuxImage, "spec.jobTemplate.spec.template.spec.containers[0].image", 11}},
		},
		"a DaemonSet that selects nodes which cannot run it": {
			"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      os: {name: windows}\n      containers:\n      - image: core:2019\n", lint.Placed, "10.0.17763",
			[]brief{{lint.Warning, policy.ReasonDeprecated, "", 1}, {lint.Warning, policy.ReasonDaemonSetTemplate, "spec.template.spec", 6}},
		},
		"a template for Linux":                    {head + "    spec:\n      nodeSelector: {kubernetes.io/os: linux}\n      containers:\n      - image: nginx\n", lint.Untouched, "", nil},
		"a template that does not say":            {head + "    spec:\n      containers:\n      - image: core:2022\n", lint.Untouched, "", nil},
		"an object without a template":            {head, lint.Untouched, "", nil},
		"a namespace that the webhook never sees": {"apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: kube-system}\nspec:\n  os: {name: windows}\n  containers:\n  - image: nginx\n", lint.Exempt, "", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := report(t, policies, c.manifest, lint.Options{})
			if len(got.Objects) != 1 || len(got.Problems) > 0 {
				t.Fatalf("%+v", got)
			}
			object := got.Objects[0]
			if object.Verdict != c.verdict || object.Build != c.build || object.Name != "web" {
				t.Errorf("%s is %s on %q, want %s on %q", object.Name, object.Verdict, object.Build, c.verdict, c.build)
			}
			if diff := cmp.Diff(c.want, briefs(object)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheSeverityOfADenialIsForThePolicysMode(t *testing.T) {
	const refused = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  hostNetwork: true\n  containers:\n  - image: nginx\n"
	linux := func(severity lint.Severity) brief {
		return brief{severity, policy.ReasonLinuxImage, "spec.containers[0].image", 8}
	}
	host := brief{lint.Warning, "UnsupportedOnWindows", "spec.hostNetwork", 6}
	for mode, want := range map[v1alpha1.Mode][]brief{
		v1alpha1.ModeEnforce: {linux(lint.Error), host},
		v1alpha1.ModeWarn:    {linux(lint.Warning), host},
		v1alpha1.ModeAudit:   {linux(lint.Info)},
	} {
		t.Run(string(mode), func(t *testing.T) {
			got := report(t, policies+"  mode: "+string(mode)+"\n", refused, lint.Options{})
			if diff := cmp.Diff(want, briefs(got.Objects[0])); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Fails(lint.Error) != (mode == v1alpha1.ModeEnforce) || got.Fails(lint.Warning) != (mode != v1alpha1.ModeAudit) {
				t.Errorf("fails at error: %v, at warning: %v", got.Fails(lint.Error), got.Fails(lint.Warning))
			}
		})
	}
}

func TestWhatOnlyAClusterKnowsIsTakenToHold(t *testing.T) {
	pod := func(spec string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  - image: core:2022\n" + spec
	}
	for sentence, manifest := range map[string]string{
		"labels of nodes":       pod("  nodeSelector: {pool: gold}\n"),
		"a node by name":        pod("  nodeName: ws2022-1\n"),
		"a hostname":            pod("  nodeSelector: {kubernetes.io/hostname: ws2022-1}\n"),
		"affinity to a label":   pod("  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: In, values: [gold]}]}]}}}\n"),
		"affinity to a name":    pod("  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [ws2022-1]}]}]}}}\n"),
		"one of two affinities": pod("  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: Exists}]}, {matchExpressions: [{key: node.kubernetes.io/windows-build, operator: In, values: [10.0.17763]}]}]}}}\n"),
	} {
		t.Run(sentence, func(t *testing.T) {
			got := report(t, policies, manifest, lint.Options{}).Objects[0]
			if got.Verdict != lint.Placed || len(got.Findings) > 0 {
				t.Errorf("%s: %+v", got.Verdict, got.Findings)
			}
		})
	}
	pinned := report(t, policies, pod("  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: Exists}, {key: node.kubernetes.io/windows-build, operator: In, values: [10.0.17763]}]}]}}}\n"), lint.Options{})
	if got := pinned.Objects[0]; got.Verdict != lint.Refused {
		t.Errorf("affinity to a build on which the image does not run: %s", got.Verdict)
	}
}

func TestBuildsWithoutNodesArePassedOver(t *testing.T) {
	const manifests = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  - image: core:2022\n" +
		"---\napiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec:\n  os: {name: windows}\n  containers:\n  - image: core:2025\n"
	got := report(t, policies, manifests, lint.Options{Builds: []policy.Version{{Build: policy.Build{Major: 10, Number: 20348}}}})
	if diff := cmp.Diff([]string{"10.0.20348"}, got.Builds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if web := got.Objects[0]; web.Build != "10.0.20348" || len(web.Findings) > 0 {
		t.Errorf("%+v", web)
	}
	if diff := cmp.Diff([]brief{{lint.Warning, policy.ReasonNoReadyNode, "", 9}}, briefs(got.Objects[1])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnImageOfAReleaseWithExactRevisionsFindsANodeOfItsOwn(t *testing.T) {
	const of2016 = "apiVersion: mullion.dev/v1alpha1\nkind: WindowsBuildPolicy\nmetadata: {name: old}\nspec:\n  builds: [{build: 10.0.14393}]\n"
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  - image: core:2016\n"
	if got := report(t, of2016, pod, lint.Options{}).Objects[0]; got.Verdict != lint.Placed {
		t.Errorf("whatever the revision: %+v", got)
	}
	other := lint.Options{Builds: []policy.Version{{Build: policy.Build{Major: 10, Number: 14393}, Revision: 1}}}
	if got := report(t, of2016, pod, other).Objects[0]; got.Verdict != lint.Refused {
		t.Errorf("nodes of another revision: %+v", got)
	}
}

func TestNamespacesAndRuntimeClassesAreLearntFromTheManifests(t *testing.T) {
	const shopOnly = policies + "  namespaceSelector: {matchLabels: {team: shop}}\n"
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  runtimeClassName: ours\n  containers:\n  - image: core:2022\n"
	const class = "---\napiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: ours}\nhandler: runhcs-wcow-process\nscheduling: {nodeSelector: {pool: gold}}\n"
	for sentence, c := range map[string]struct {
		others string
		labels map[string]string
		want   lint.Verdict
	}{
		"a namespace that a policy is for":  {"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n" + class, nil, lint.Placed},
		"a namespace that none is for":      {"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n" + class, nil, lint.NoPolicy},
		"labels that the user gives":        {class, map[string]string{"team": "shop"}, lint.Placed},
		"labels of a namespace that counts": {"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", map[string]string{"team": "shop"}, lint.NoPolicy},
		"a namespace that is left alone":    {"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {mullion.dev/ignore: 'true'}}\n", nil, lint.Exempt},
		"a class that nothing is known of":  {"", map[string]string{"team": "shop"}, lint.Untouched},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := report(t, shopOnly, pod+c.others, lint.Options{NamespaceLabels: c.labels})
			if got.Objects[0].Verdict != c.want {
				t.Errorf("%s, want %s", got.Objects[0].Verdict, c.want)
			}
		})
	}
	const nameless = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {}\n"
	if got := report(t, policies, nameless, lint.Options{Namespace: "shop"}).Objects[0].Namespace; got != "shop" {
		t.Errorf("an object that names no namespace is in %q", got)
	}
}

func TestWhatCannotBeJudgedIsNoted(t *testing.T) {
	const manifests = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: b}
---
apiVersion: v1
kind: Pod
metadata: {name: c}
spec: {containers: no}
---
apiVersion: v1
kind: Namespace
metadata: {name: d, labels: [x]}
---
replicas: 3
---
a: {
`
	got := report(t, policies, manifests, lint.Options{})
	want := []lint.Note{
		{File: "web.yaml", Line: 1, Kind: "ConfigMap", Message: "objects of kind ConfigMap are not known to make pods"},
		{File: "web.yaml", Line: 5, Kind: "Rollout.argoproj.io", Message: "objects of kind Rollout.argoproj.io are not known to make pods"},
		{File: "web.yaml", Line: 18, Message: "it has no apiVersion and kind, so it is no Kubernetes object"},
	}
	if diff := cmp.Diff(want, got.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	places := []lint.Note{{File: "web.yaml", Line: 9}, {File: "web.yaml", Line: 14}, {File: "web.yaml", Line: 20}}
	if diff := cmp.Diff(places, got.Problems, cmpopts.IgnoreFields(lint.Note{}, "Message")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestAPolicyThatIsWrongIsRefusedWithItsPlace(t *testing.T) {
	for sentence, c := range map[string]struct{ text, want string }{
		"an unknown field":      {policies + "  modus: Warn\n", `p.yaml:11: WindowsBuildPolicy default: unknown field "spec.modus"`},
		"a build that is none":  {"apiVersion: mullion.dev/v1alpha1\nkind: WindowsBuildPolicy\nmetadata: {name: default}\nspec: {builds: [{build: ltsc2022}]}\n", `p.yaml:4: WindowsBuildPolicy default: spec.builds[0].build: "ltsc2022" is not a Windows build of the form 10.0.20348`},
		"a mode that is none":   {policies + "  mode: Enforced\n", `p.yaml:11: WindowsBuildPolicy default: spec.mode: "Enforced" is none of Enforce, Warn, Audit`},
		"a state that is none":  {policies + "  - build: 10.0.25398\n    state: Retierd\n", `p.yaml:12: WindowsBuildPolicy default: spec.builds[3].state: "Retierd" is none of Active, Preview, Deprecated, Retired`},
		"a version of tomorrow": {"apiVersion: mullion.dev/v9\nkind: WindowsBuildPolicy\nmetadata: {name: default}\n", "p.yaml:1: WindowsBuildPolicy default: policies are of version mullion.dev/v1alpha1, and this is mullion.dev/v9"},
		"a second of the name":  {policies + "---\n" + policies, `p.yaml:12: WindowsBuildPolicy default: there is a policy "default" already, in p.yaml:1`},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, problems := lint.Policies(manifest.Parse("p.yaml", []byte(c.text)))
			if len(problems) != 1 || problems[0].Error() != c.want {
				t.Errorf("got %v, want %s", problems, c.want)
			}
		})
	}
}

func TestTheReportIsSortedAndCounted(t *testing.T) {
	const manifests = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  - image: core:2019\n" +
		"---\napiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec:\n  os: {name: windows}\n  containers:\n  - image: nginx\n"
	compiled, _ := lint.Policies(manifest.Parse("p.yaml", []byte(policies)))
	set := manifest.Parse("z.yaml", []byte(manifests))
	set.Objects = append(set.Objects, manifest.Parse("a.yaml", []byte(manifests)).Objects...)
	got := lint.New(set, compiled, lint.Options{}).Report(images())
	var order []string
	for _, object := range got.Objects {
		order = append(order, object.File+" "+object.Name)
	}
	if diff := cmp.Diff([]string{"a.yaml web", "a.yaml new", "z.yaml web", "z.yaml new"}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	counts := []int{got.Count(lint.Placed), got.Count(lint.Refused), got.CountFindings(lint.Error), got.CountFindings(lint.Warning), got.CountFindings(lint.Info)}
	if diff := cmp.Diff([]int{2, 2, 2, 2, 0}, counts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"10.0.17763", "10.0.20348", "10.0.26100"}, got.Builds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFactsThatAreMissingAreAProblemAndNoRefusal(t *testing.T) {
	compiled, _ := lint.Policies(manifest.Parse("p.yaml", []byte(policies)))
	set := manifest.Parse("web.yaml", []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  - image: core:2022\n"))
	got := lint.New(set, compiled, lint.Options{}).Report(nil)
	if len(got.Objects) != 0 || len(got.Problems) != 1 {
		t.Errorf("%+v", got)
	}
}
