package validate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/validate"
)

const windowsPod = `{"spec":{"os":{"name":"windows"},"containers":[{"name":"web","image":"core:2022"}]}}`

func TestAPodIsJudgedAsThePolicysModeWants(t *testing.T) {
	warning := policy.Finding{Reason: policy.ReasonDeprecated, Problem: "the build is deprecated"}
	unplaced := placing(v1alpha1.ModeEnforce)
	unplaced.Exposed = true
	unplaced.Edits.NodeSelector = []policy.Label{{Key: "kubernetes.io/os", Value: "windows"}}
	const notPlaced = "spec.nodeSelector: the pod was not placed, so that the scheduler may bind it to a node that cannot run it. " +
		`To fix it, create it again once the mutating webhook of Mullion answers, or set spec.nodeSelector[kubernetes.io/os]: "windows".`
	unplacedInWarn := unplaced
	unplacedInWarn.Mode = v1alpha1.ModeWarn

	for sentence, c := range map[string]struct {
		decision policy.Decision
		allowed  bool
		message  string
		warnings []string
		denial   string
	}{
		"enforced, a denial refuses": {
			decision: refusing(v1alpha1.ModeEnforce), message: "spec.containers[0].image: the image is for Linux. To fix it, use another.",
			denial: "spec.containers[0].image: the image is for Linux. To fix it, use another.",
		},
		"warned, a denial admits with a warning": {
			decision: refusing(v1alpha1.ModeWarn), allowed: true,
			warnings: []string{"this pod would be refused if policy default were enforced: spec.containers[0].image: the image is for Linux. To fix it, use another."},
			denial:   "spec.containers[0].image: the image is for Linux. To fix it, use another.",
		},
		"audited, a denial admits in silence and leaves an annotation": {
			decision: refusing(v1alpha1.ModeAudit), allowed: true,
			denial: "spec.containers[0].image: the image is for Linux. To fix it, use another.",
		},
		"enforced, a pod that fits is admitted with its warnings": {
			decision: placing(v1alpha1.ModeEnforce, warning), allowed: true, warnings: []string{"the build is deprecated."},
		},
		"audited, a pod that fits is admitted in silence": {
			decision: placing(v1alpha1.ModeAudit, warning), allowed: true,
		},
		"enforced, a final pod that lacks its placement is refused": {
			decision: unplaced, message: notPlaced, denial: notPlaced,
		},
		"warned, a final pod that lacks its placement is admitted with a warning": {
			decision: unplacedInWarn, allowed: true, denial: notPlaced,
			warnings: []string{"this pod would be refused if policy default were enforced: " + notPlaced},
		},
		"a pod that is not for Windows is left alone": {
			decision: policy.Decision{Policy: "default", Mode: v1alpha1.ModeEnforce, Chosen: -1}, allowed: true,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			asked := &oracle{decision: c.decision}
			reviewer := &validate.PodReviewer{Evaluator: asked, Observer: asked}
			response, err := reviewer.Review(t.Context(), created(t, podKind, windowsPod))
			if err != nil {
				t.Fatal(err)
			}
			if response.Allowed != c.allowed || response.Message != c.message {
				t.Errorf("allowed %v with message %q, want %v with %q", response.Allowed, response.Message, c.allowed, c.message)
			}
			if diff := cmp.Diff(c.warnings, response.Warnings, cmpEmpty); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if got := response.AuditAnnotations[validate.AuditDenial]; got != c.denial {
				t.Errorf("audit annotation %q, want %q", got, c.denial)
			}
			if len(response.Patch) > 0 {
				t.Errorf("a validating reviewer patches: %v", response.Patch)
			}
		})
	}
}

// cmpEmpty takes nil and empty lists for the same.
var cmpEmpty = cmp.FilterValues(func(a, b []string) bool { return len(a) == 0 && len(b) == 0 }, cmp.Ignore())

func TestADenialNamesTheFieldForPrograms(t *testing.T) {
	asked := &oracle{decision: refusing(v1alpha1.ModeEnforce)}
	response, err := (&validate.PodReviewer{Evaluator: asked, Observer: asked}).Review(t.Context(), created(t, podKind, windowsPod))
	if err != nil {
		t.Fatal(err)
	}
	if len(response.Causes) != 1 || response.Causes[0].Field != "spec.containers[0].image" || string(response.Causes[0].Type) != string(policy.ReasonLinuxImage) {
		t.Errorf("causes are %+v", response.Causes)
	}
}

func TestAQuestionThatCannotBeEvaluatedIsAnErrorNotAVerdict(t *testing.T) {
	asked := &oracle{err: errNotNow}
	for name, reviewer := range map[string]admission.Reviewer{
		"pods":      &validate.PodReviewer{Evaluator: asked, Observer: asked},
		"workloads": &validate.WorkloadReviewer{Evaluator: asked},
	} {
		if _, err := reviewer.Review(t.Context(), created(t, podKind, windowsPod)); !errors.Is(err, errNotNow) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestAnUpdateIsJudgedByTheImagesThatItChanges(t *testing.T) {
	const pod = `{"spec":{"os":{"name":"windows"},"nodeName":"n","containers":[{"name":"a","image":"one"},{"name":"b","image":"two"}]}}`
	changed := strings.Replace(pod, `"two"`, `"three"`, 1)
	labelled := strings.Replace(pod, `{"spec"`, `{"metadata":{"labels":{"x":"y"}},"spec"`, 1)
	debugged := strings.Replace(pod, `"containers"`, `"ephemeralContainers":[{"name":"debug","image":"four"}],"containers"`, 1)

	images := func(o *oracle) []string {
		if o.asked == nil {
			return nil
		}
		var all []string
		for c := range o.asked.AllContainers {
			all = append(all, c.Image)
		}
		return all
	}
	for sentence, c := range map[string]struct {
		object string
		want   []string
	}{
		"a change of labels is not judged":                    {labelled, nil},
		"a changed image is judged, and the others are not":   {changed, []string{"", "three"}},
		"a new ephemeral container is judged, and the others": {debugged, []string{"", "", "four"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			asked := &oracle{decision: refusing(v1alpha1.ModeEnforce)}
			response, err := (&validate.PodReviewer{Evaluator: asked, Observer: asked}).Review(t.Context(), updated(t, c.object, pod))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, images(asked)); diff != "" {
				t.Errorf("images judged (-want +got):\n%s", diff)
			}
			if response.Allowed != (c.want == nil) {
				t.Errorf("allowed: %v", response.Allowed)
			}
			if c.want != nil && asked.subject != policy.ExistingPod {
				t.Error("judged as a new pod")
			}
		})
	}
}

func TestAWorkloadIsToldAndNeverRefused(t *testing.T) {
	const deployment = `{"metadata":{"name":"web"},"spec":{"template":` + windowsPod + `}}`
	misled := placing(v1alpha1.ModeEnforce)
	misled.Mislead = &policy.Finding{Reason: policy.ReasonDaemonSetTemplate, Field: "spec", Problem: "the template misleads"}
	deploymentRequest, daemonSetRequest := created(t, deploymentKind, deployment), created(t, daemonSetKind, deployment)

	for sentence, c := range map[string]struct {
		decision policy.Decision
		request  *admission.Request
		want     []string
	}{
		"what would be refused is a warning that names the field in the template": {
			refusing(v1alpha1.ModeEnforce), deploymentRequest,
			[]string{"spec.template.spec.containers[0].image: the image is for Linux. To fix it, use another."},
		},
		"a policy that only warns says that nothing is refused yet": {
			refusing(v1alpha1.ModeWarn), deploymentRequest,
			[]string{"a pod of this would be refused if policy default were enforced: spec.template.spec.containers[0].image: the image is for Linux. To fix it, use another."},
		},
		"a policy that only audits is silent": {refusing(v1alpha1.ModeAudit), deploymentRequest, nil},
		"a DaemonSet is told what its template lacks": {
			misled, daemonSetRequest, []string{"spec.template.spec: the template misleads."},
		},
		"no other workload is told so": {misled, deploymentRequest, nil},
		"a workload that is not for Windows is left alone": {
			policy.Decision{Policy: "default", Mode: v1alpha1.ModeEnforce, Chosen: -1}, deploymentRequest, nil,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			asked := &oracle{decision: c.decision}
			response, err := (&validate.WorkloadReviewer{Evaluator: asked}).Review(t.Context(), c.request)
			if err != nil {
				t.Fatal(err)
			}
			if !response.Allowed || len(response.Patch) > 0 {
				t.Errorf("allowed %v, patch %v", response.Allowed, response.Patch)
			}
			if diff := cmp.Diff(c.want, response.Warnings, cmpEmpty); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if asked.subject != policy.Template {
				t.Error("not judged as a template")
			}
		})
	}
}

func TestWhatWindowsIgnoresOrLacksIsWarnedAbout(t *testing.T) {
	for sentence, c := range map[string]struct {
		spec string
		want []string
	}{
		"the host's network": {
			`"hostNetwork":true`, []string{"spec.hostNetwork: Windows supports the host's network for HostProcess pods only."},
		},
		"the host's network of a HostProcess pod is fine": {
			`"hostNetwork":true,"securityContext":{"windowsOptions":{"hostProcess":true}}`, nil,
		},
		"DNS of the cluster on the host's network": {
			`"dnsPolicy":"ClusterFirstWithHostNet"`, []string{"spec.dnsPolicy: Windows does not support ClusterFirstWithHostNet."},
		},
		"volumes in memory": {
			`"volumes":[{"name":"a","emptyDir":{}},{"name":"b","emptyDir":{"medium":"Memory"}}]`,
			[]string{"spec.volumes[1].emptyDir.medium: Windows keeps no volume in memory; the pod will not start."},
		},
		"paths of Unix hosts": {
			`"volumes":[{"name":"a","hostPath":{"path":"C:\\data"}},{"name":"b","hostPath":{"path":"/var/run/docker.sock"}}]`,
			[]string{`spec.volumes[1].hostPath.path: "/var/run/docker.sock" is a path of Unix hosts.`},
		},
		"raw block devices": {
			`"containers":[{"name":"a","image":"i","volumeDevices":[{"name":"d"}]}]`,
			[]string{"spec.containers[0].volumeDevices: Windows does not support raw block devices."},
		},
		"mount propagation": {
			`"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"d","mountPropagation":"None"},{"name":"e","mountPropagation":"Bidirectional"}]}]`,
			[]string{"spec.containers[0].volumeMounts[1].mountPropagation: Windows does not support mount propagation."},
		},
		"huge pages": {
			`"containers":[{"name":"a","image":"i","resources":{"limits":{"cpu":"1","hugepages-2Mi":"4Mi"}}}]`,
			[]string{"spec.containers[0].resources.limits: Windows does not support huge pages."},
		},
		"Windows PowerShell where there is PowerShell only": {
			`"containers":[{"name":"a","image":"mcr.microsoft.com/powershell:lts-nanoserver-ltsc2022","command":["C:\\Windows\\System32\\PowerShell.exe"]}]`,
			[]string{`spec.containers[0].command[0]: image "mcr.microsoft.com/powershell:lts-nanoserver-ltsc2022" has no powershell.exe; use pwsh.exe.`},
		},
		"PowerShell where there is Windows PowerShell only": {
			`"containers":[{"name":"a","image":"mcr.microsoft.com/windows/servercore:ltsc2022","command":["pwsh","-c","ls"]}]`,
			[]string{`spec.containers[0].command[0]: image "mcr.microsoft.com/windows/servercore:ltsc2022" has no pwsh.exe; use powershell.exe.`},
		},
		"a command that the image has is fine": {
			`"containers":[{"name":"a","image":"mcr.microsoft.com/windows/servercore:ltsc2022","command":["powershell.exe"]}]`, nil,
		},
		"an image built on another is not known": {
			`"containers":[{"name":"a","image":"mcr.microsoft.com/windows/servercore/iis:latest","command":["pwsh"]}]`, nil,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			asked := &oracle{decision: placing(v1alpha1.ModeEnforce)}
			pod := `{"spec":{"os":{"name":"windows"},` + c.spec + `}}`
			response, err := (&validate.PodReviewer{Evaluator: asked, Observer: asked}).Review(t.Context(), created(t, podKind, pod))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, response.Warnings, cmpEmpty); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettingsThatTheAPIServerForbidsAreWarnedAboutWhereItCannotTell(t *testing.T) {
	const security = `"nodeSelector":{"kubernetes.io/os":"windows"},"securityContext":{"runAsUser":1},"containers":[{"name":"a","image":"i","securityContext":{"privileged":true}}]`
	asked := &oracle{decision: placing(v1alpha1.ModeEnforce)}
	reviewer := &validate.PodReviewer{Evaluator: asked, Observer: asked}
	response, err := reviewer.Review(t.Context(), created(t, podKind, `{"spec":{`+security+`}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"spec.securityContext.runAsUser: Windows ignores this setting.",
		"spec.containers[0].securityContext.privileged: Windows ignores this setting.",
	}
	if diff := cmp.Diff(want, response.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
