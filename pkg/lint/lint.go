package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/validate"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Options say what to assume.
type Options struct {
	// Builds are those that have nodes, by default every build that a policy lists. A revision matters for
	// Windows Server 2016 only.
	Builds []policy.Version
	// Namespace is that of objects that name none, by default "default".
	Namespace string
	// NamespaceLabels are the labels of namespaces that are not among the manifests.
	NamespaceLabels map[string]string
}

// Linter judges manifests by policies.
type Linter struct {
	policies *policy.Policies
	builds   []policy.Version
	cluster  cluster
	subjects []subject
	skipped  []Note
	problems []Note
}

// subject is an object to judge.
type subject struct {
	source *manifest.Object
	// object is its content, with a template whose namespace is known and from which everything is left out that
	// only a cluster could answer.
	object *workload.Object
	labels map[string]string
	exempt bool
}

// New sorts manifests into what to judge, what to learn from and what to skip.
func New(set *manifest.Set, policies []*policy.Policy, o Options) *Linter {
	l := &Linter{
		policies: policy.NewPolicies(policies),
		builds:   o.Builds,
		cluster:  cluster{namespaces: map[string]map[string]string{}, otherLabels: o.NamespaceLabels},
	}
	if len(l.builds) == 0 {
		l.builds = buildsOf(l.policies)
	}
	slices.SortFunc(l.builds, func(a, b policy.Version) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Revision, b.Revision))
	})
	for _, skipped := range set.Skipped {
		l.skipped = append(l.skipped, Note{File: skipped.File, Line: skipped.Line, Message: skipped.Why})
	}
	for _, problem := range set.Problems {
		l.problems = append(l.problems, Note{File: problem.File, Line: problem.Line, Message: problem.Message})
	}
	for _, object := range set.Objects {
		l.sort(object, cmp.Or(object.Namespace, o.Namespace, "default"))
	}
	for i := range l.subjects { // A namespace may stand behind what is in it.
		s := &l.subjects[i]
		s.labels = l.cluster.namespaceLabels(s.object.Template.Metadata.Namespace)
		s.exempt = exempt(s.object.Template.Metadata.Namespace, s.labels)
	}
	return l
}

// buildsOf are the builds that policies list, each once.
func buildsOf(policies *policy.Policies) []policy.Version {
	var builds []policy.Version
	for _, p := range policies.All() {
		for i := range p.Builds {
			if version := (policy.Version{Build: p.Builds[i].Build}); !slices.Contains(builds, version) {
				builds = append(builds, version)
			}
		}
	}
	return builds
}

// sort puts an object where it belongs.
func (l *Linter) sort(source *manifest.Object, namespace string) {
	kind := source.Kind.GroupKind()
	if kind == policyKind() {
		return // Policies are for the caller to choose.
	}
	if _, makesPods := workload.TemplatePath(kind); !makesPods {
		switch learnt, err := l.cluster.learn(source); {
		case err != nil:
			l.fail(source, err)
		case !learnt:
			l.skipped = append(l.skipped, Note{
				File: source.File, Line: source.Line, Kind: kind.String(), Message: fmt.Sprintf("objects of kind %s are not known to make pods", kind),
			})
		}
		return
	}
	object, err := workload.DecodeObject(kind, source.JSON)
	if err != nil {
		l.fail(source, err)
		return
	}
	object.Template = withoutUnknown(object.Template)
	object.Template.Metadata.Namespace = namespace
	l.subjects = append(l.subjects, subject{source: source, object: object})
}

func (l *Linter) fail(source *manifest.Object, err error) {
	l.problems = append(l.problems, Note{File: source.File, Line: source.Line, Message: fmt.Sprintf("%s: %v", source, err)})
}

// References lists the images of which facts are needed, each once, sorted.
func (l *Linter) References() []string {
	snapshot := policy.NewSnapshot(l.policies, nil, l.cluster.classes)
	var references []string
	for i := range l.subjects {
		if !l.subjects[i].exempt {
			references = append(references, policy.References(l.subjects[i].request(), snapshot)...)
		}
	}
	slices.Sort(references)
	return slices.Compact(references)
}

// Report judges everything. images has an outcome for every one of [Linter.References].
func (l *Linter) Report(images map[string]policy.ImageResult) *Report {
	report := &Report{
		Objects:  make([]Object, 0, len(l.subjects)),
		Skipped:  append([]Note{}, l.skipped...),
		Problems: append([]Note{}, l.problems...),
	}
	for _, p := range l.policies.All() {
		report.Policies = append(report.Policies, p.Name)
	}
	for _, build := range l.builds {
		report.Builds = append(report.Builds, build.Build.String())
	}
	facts := &policy.Facts{
		Snapshot: policy.NewSnapshot(l.policies, fleetOf(l.builds, images), l.cluster.classes),
		Images:   images,
	}
	for i := range l.subjects {
		judged, err := l.subjects[i].judge(facts)
		if err != nil {
			source := l.subjects[i].source
			report.Problems = append(report.Problems, Note{File: source.File, Line: source.Line, Message: fmt.Sprintf("%s: %v", source, err)})
			continue
		}
		report.Objects = append(report.Objects, judged)
	}
	report.sort()
	return report
}

func (s *subject) request() *policy.Request {
	request := &policy.Request{Pod: s.object.Template, NamespaceLabels: s.labels, Subject: policy.Template}
	if s.object.Path == "" {
		request.Subject = policy.NewPod
	}
	return request
}

func (s *subject) judge(facts *policy.Facts) (Object, error) {
	judged := Object{
		File: s.source.File, Line: s.source.Line,
		APIVersion: s.source.Kind.GroupVersion().String(), Kind: s.source.Kind.Kind,
		Namespace: s.object.Template.Metadata.Namespace, Name: s.source.Name,
		Verdict: Exempt,
	}
	if s.exempt {
		return judged, nil
	}
	decision, err := policy.Evaluate(s.request(), facts)
	if err != nil {
		return Object{}, err
	}
	judged.Policy, judged.Mode = decision.Policy, decision.Mode
	switch {
	case decision.Policy == "":
		judged.Verdict = NoPolicy
	case !decision.Windows:
		judged.Verdict = Untouched
	case decision.Denial != nil:
		judged.Verdict = Refused
	default:
		judged.Verdict = Placed
		judged.Build = decision.Choice().Build.String()
	}
	// A pod, too, is judged as what is written and not as what is stored: it has yet to be placed.
	verdict := validate.JudgeTemplate(&decision, s.object)
	judged.Findings = s.findings(&verdict, decision.Mode)
	return judged, nil
}

// findings are those of a verdict, the denial first.
func (s *subject) findings(verdict *validate.Verdict, mode v1alpha1.Mode) []Finding {
	var findings []Finding
	warnings := verdict.Warnings
	if verdict.Denial != nil {
		findings = append(findings, s.finding(severityOf(mode), verdict.Denial))
		if len(warnings) > 0 {
			warnings = warnings[1:] // The denial again, as the webhook words it.
		}
	}
	for i := range warnings {
		findings = append(findings, s.finding(Warning, &warnings[i].Finding))
	}
	return findings
}

// severityOf is how bad a denial is.
func severityOf(mode v1alpha1.Mode) Severity {
	switch mode {
	case v1alpha1.ModeAudit:
		return Info
	case v1alpha1.ModeWarn:
		return Warning
	default:
		return Error
	}
}

func (s *subject) finding(severity Severity, of *policy.Finding) Finding {
	return Finding{
		Severity: severity, Reason: of.Reason, Field: of.Field, Line: s.source.LineOf(of.Field),
		Problem: of.Problem, Context: of.Context, Fix: of.Fix, Message: of.String(),
	}
}
