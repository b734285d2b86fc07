package policy

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Evaluate decides where the pod of a request may run. See the package documentation for the algorithm.
//
// It is a pure function, safe for concurrent use: the same request and facts give the same decision. An
// error means that the question could not be evaluated because a fact is missing, never that the answer is no.
func Evaluate(req *Request, facts *Facts) (Decision, error) {
	if facts.Snapshot == nil {
		return Decision{}, errors.New("evaluating placement: no snapshot of the cluster was given")
	}
	p := facts.Snapshot.policies.Match(req.NamespaceLabels, req.Pod.Metadata.Labels)
	if p == nil {
		return Decision{Chosen: -1}, nil
	}
	if req.Subject == ExistingPod {
		p = p.withBuildOf(req.Pod, facts.Snapshot.fleet)
	}
	e := evaluation{
		req:      req,
		snapshot: facts.Snapshot,
		policy:   p,
		decision: Decision{Policy: p.Name, Mode: p.Mode, Chosen: -1},
	}
	os := osOf(req.Pod, facts.Snapshot, p)
	if os == osUndecided && !p.inferWindows && !p.pinLinux {
		return e.decision, nil
	}
	if os != osLinux {
		images, err := viewImages(req.Pod, &p.images, facts.Images)
		if err != nil {
			return Decision{}, fmt.Errorf("evaluating placement under policy %q: %w", p.Name, err)
		}
		e.images = images
	}
	if os == osUndecided {
		os = inferOS(e.images, p)
		e.inferred = os == osWindows
	}
	switch os {
	case osWindows:
		e.decision.Windows = true
		e.place()
	case osLinux:
		e.pinLinux()
	}
	return e.decision, nil
}

// evaluation is the work on one request.
type evaluation struct {
	req      *Request
	snapshot *Snapshot
	policy   *Policy
	images   []imageView
	// inferred tells that the pod does not say itself that it is for Windows.
	inferred bool

	// The sets below hold the policy's builds that pass each examination, by index.
	isolations []v1alpha1.Isolation
	pins       []pin
	pinned     buildSet
	isolated   buildSet
	allowed    buildSet
	runnable   buildSet
	ready      buildSet
	// placeable is the builds that fit, given what the policy says about builds without a Ready node.
	placeable buildSet
	offers    []offer

	decision Decision
}

func (e *evaluation) pod() *workload.Pod { return e.req.Pod }

// place examines every candidate, then chooses one or says why there is none.
func (e *evaluation) place() {
	e.examinePins()
	e.examineIsolation()
	e.examineStates()
	e.examineImages()
	e.examineNodes()
	e.listCandidates()
	if e.decision.Denial = e.diagnose(); e.decision.Denial != nil {
		if e.inferred {
			// Only a pod that says what it is reaches those who refuse it.
			e.decision.Edits = e.osEdits()
		}
		return
	}
	e.choose()
	e.edit()
	e.warn()
}

func (e *evaluation) examinePins() {
	e.pins = pinsOf(e.pod(), e.req.Subject, e.snapshot, e.policy)
	e.pinned = allBuilds(len(e.policy.Builds))
	for _, pin := range e.pins {
		e.pinned &= pin.builds
	}
}

// examineIsolation finds the isolation with which the pod would run on each build: the policy's, or that of
// the RuntimeClass which the pod names. A pod may ask for more isolation than the policy demands, not for less.
func (e *evaluation) examineIsolation() {
	own, named := e.ownIsolation()
	e.isolations = make([]v1alpha1.Isolation, len(e.policy.Builds))
	for i := range e.policy.Builds {
		demanded := e.policy.Builds[i].Isolation
		e.isolations[i] = demanded
		if named {
			e.isolations[i] = own
		}
		if e.isolations[i] == v1alpha1.IsolationHyperV || demanded == v1alpha1.IsolationProcess {
			e.isolated |= 1 << i
		}
	}
}

// ownIsolation is the isolation of the RuntimeClass that the pod names, where that is known.
func (e *evaluation) ownIsolation() (v1alpha1.Isolation, bool) {
	name := e.pod().Spec.RuntimeClassName
	if name == nil {
		return "", false
	}
	class, exists := e.snapshot.runtimeClasses[*name]
	if !exists {
		return "", false
	}
	return isolationOf(class.Handler)
}

func (e *evaluation) examineStates() {
	for i := range e.policy.Builds {
		switch e.policy.Builds[i].State {
		case v1alpha1.BuildRetired:
			if e.req.Subject != ExistingPod {
				continue
			}
		case v1alpha1.BuildPreview:
			if e.req.Subject != ExistingPod && !asksFor(e.pins, i) {
				continue
			}
		}
		e.allowed |= 1 << i
	}
}

func (e *evaluation) examineImages() {
	hostProcess := e.pod().HostProcess()
	e.runnable = allBuilds(len(e.policy.Builds))
	for i := range e.images {
		e.images[i].assess(e.policy, e.snapshot.fleet, e.isolations, hostProcess)
		e.runnable &= e.images[i].builds
	}
}

func (e *evaluation) examineNodes() {
	q := e.snapshot.classQuery(e.pod())
	e.offers = make([]offer, len(e.policy.Builds))
	for i := range e.policy.Builds {
		e.offers[i] = e.snapshot.fleet.offerOf(e.policy.Builds[i].Build, &q,
			e.pod().Spec.Tolerations, e.policy.tolerations, e.policy.deriveTolerations)
		if e.offers[i].ready {
			e.ready |= 1 << i
		}
	}
}

// fitting is the builds on which the pod could run.
func (e *evaluation) fitting() buildSet { return e.pinned & e.isolated & e.allowed & e.runnable }

// choose takes, among the builds that fit, the first in the policy's order that has a Ready node; else the
// first whose nodes are made on demand; else the first with a node that would take the pod, and is away; else the
// first. A pod keeps its build: one that was placed where there is no node waits even when the others are back.
func (e *evaluation) choose() {
	var onDemand, takes buildSet
	for i := range e.policy.Builds {
		if e.policy.Builds[i].ScaleFromZero {
			onDemand |= 1 << i
		}
		if e.offers[i].takes {
			takes |= 1 << i
		}
	}
	for _, preferred := range [...]buildSet{e.ready, onDemand, takes, e.placeable} {
		for i := range e.policy.Builds {
			if (preferred & e.placeable).has(i) {
				e.decision.Chosen = i
				return
			}
		}
	}
}

// pinLinux keeps a Linux pod off Windows nodes, where the policy wants that and nothing else does.
func (e *evaluation) pinLinux() {
	if _, selected := e.pod().Spec.NodeSelector[corev1.LabelOSStable]; e.policy.pinLinux && !selected {
		e.decision.Edits.NodeSelector = []Label{{corev1.LabelOSStable, "linux"}}
	}
}
