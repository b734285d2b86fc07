package policy

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// edit lists what has to change in the pod for the scheduler to bind it to the chosen build: as little as
// that takes, and never a change of what the user wrote.
func (e *evaluation) edit() {
	switch e.req.Subject {
	case NewPod:
		e.decision.Edits = e.editsFor(&e.policy.Builds[e.decision.Chosen])
		e.decision.Exposed = e.exposed()
	case Template:
		edits := e.templateEdits()
		if e.policy.mutateDaemonSets {
			e.decision.Template = edits
			return
		}
		e.decision.Mislead = e.mislead(&edits)
	}
}

func (e *evaluation) editsFor(build *PolicyBuild) Edits {
	edits := e.osEdits()
	if _, there := e.pod().Spec.NodeSelector[corev1.LabelWindowsBuild]; !there {
		edits.NodeSelector = append(edits.NodeSelector, Label{corev1.LabelWindowsBuild, build.label})
	}
	if name := e.pod().Spec.RuntimeClassName; name == nil || *name == "" {
		edits.RuntimeClassName = build.RuntimeClass
	}
	edits.Tolerations = missing(e.pod().Spec.Tolerations, e.tolerationsFor(e.decision.Chosen))
	return edits
}

// osEdits select the operating system. The scheduler ignores spec.os, and other webhooks look at the node
// selector only, so the selector is always set. The pod's own os is set only where it was inferred, and where
// the API server would not then refuse the pod for a Linux-only field that Windows merely ignores.
func (e *evaluation) osEdits() Edits {
	var edits Edits
	if e.inferred && len(e.pod().LinuxOnlyFields()) == 0 {
		edits.OS = string(corev1.Windows)
	}
	if _, there := e.pod().Spec.NodeSelector[corev1.LabelOSStable]; !there {
		edits.NodeSelector = []Label{{corev1.LabelOSStable, string(corev1.Windows)}}
	}
	return edits
}

// tolerationsFor are all tolerations that a pod needs on nodes of a build.
func (e *evaluation) tolerationsFor(i int) []corev1.Toleration {
	build := &e.policy.Builds[i]
	var tolerations []corev1.Toleration
	if e.policy.deriveTolerations {
		tolerations = tolerationsFor(e.offers[i].osTaints)
	}
	if build.ScaleFromZero && !e.offers[i].selected {
		tolerations = append(tolerations, build.tolerations...)
	}
	return append(tolerations, e.policy.tolerations...)
}

// missing returns the tolerations that are not covered by those there, each once.
func missing(there, wanted []corev1.Toleration) []corev1.Toleration {
	var add []corev1.Toleration
	for _, toleration := range wanted {
		if !covers(there, toleration) && !covers(add, toleration) {
			add = append(add, toleration)
		}
	}
	return add
}

// exposed tells whether the pod, as it stands, could be bound to a node that cannot run it. The scheduler reads
// neither spec.os nor images, so it is the selectors that count.
func (e *evaluation) exposed() bool {
	missing := e.decision.Edits.NodeSelector
	return len(missing) > 0 && (missing[0].Key == corev1.LabelOSStable || e.unfitNodes())
}

// templateEdits make a DaemonSet choose exactly the nodes on which its pods can run: not those of one build,
// as for a pod, but those of every build that fits.
func (e *evaluation) templateEdits() TemplateEdits {
	template := TemplateEdits{Edits: e.osEdits()}
	fitting := e.fitting()
	var wanted []corev1.Toleration
	for i := range e.policy.Builds {
		if fitting.has(i) {
			template.Builds = append(template.Builds, e.policy.Builds[i].Build)
			wanted = append(wanted, e.tolerationsFor(i)...)
		}
	}
	template.Tolerations = missing(e.pod().Spec.Tolerations, wanted)
	if !e.unfitNodes() {
		template.Builds = nil
	}
	return template
}

// mislead says what a DaemonSet's template lacks for its controller to choose the right nodes.
func (e *evaluation) mislead(edits *TemplateEdits) *Finding {
	if len(edits.NodeSelector) == 0 && len(edits.Builds) == 0 {
		return nil
	}
	var lacks []string
	if len(edits.NodeSelector) > 0 {
		lacks = append(lacks, fmt.Sprintf("spec.nodeSelector[%s]: windows", corev1.LabelOSStable))
	}
	if len(edits.Builds) > 0 {
		builds := make([]string, len(edits.Builds))
		for i, build := range edits.Builds {
			builds[i] = build.String()
		}
		lacks = append(lacks, fmt.Sprintf("required node affinity %s In [%s]", corev1.LabelWindowsBuild, strings.Join(builds, ", ")))
	}
	if len(edits.Tolerations) > 0 {
		taints := make([]string, len(edits.Tolerations))
		for i, toleration := range edits.Tolerations {
			taints[i] = toleration.Key + "=" + toleration.Value + ":" + string(toleration.Effect)
		}
		lacks = append(lacks, "tolerations for "+list(taints, "and"))
	}
	return &Finding{
		Reason:  ReasonDaemonSetTemplate,
		Field:   "spec",
		Problem: "the template selects nodes that cannot run its pods, so that a DaemonSet keeps making pods that are refused",
		Fix:     "add " + list(lacks, "and") + ", or let the policy do so with daemonSets.templates: Mutate",
	}
}

// unfitNodes tells whether the pod's selectors reach a node, or a build of the policy, on which it cannot run.
func (e *evaluation) unfitNodes() bool {
	fitting := e.fitting()
	for i := range e.policy.Builds {
		if e.pinned.has(i) && !fitting.has(i) {
			return true
		}
	}
	q := e.snapshot.classQuery(e.pod())
	for build := range e.snapshot.fleet.builds {
		if !e.policy.lists(build) && e.snapshot.fleet.admits(build, &q) != no {
			return true
		}
	}
	return false
}

// lists tells whether the policy offers a build.
func (p *Policy) lists(build Build) bool {
	for i := range p.Builds {
		if p.Builds[i].Build == build {
			return true
		}
	}
	return false
}

// OnDemandTolerations are the tolerations that pods need on a build whose nodes are made on demand.
func (b *PolicyBuild) OnDemandTolerations() []corev1.Toleration { return b.tolerations }
