package gate

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// sentence is how pods that keep the gate closed are spoken of.
type sentence func(pod string, v *impact.Verdict, image *policy.Image) string

// held is pods that keep the gate closed.
func (q *inquiry) held(result *impact.Result, say sentence) Held {
	h := Held{
		Namespace: result.Namespace,
		Owner:     result.Owner,
		Pod:       result.Samples[0],
		Pods:      result.Count,
		Image:     result.Then.Image,
		Finding:   result.Then.Finding,
	}
	pod := "pod " + h.Namespace + "/" + h.Pod
	if h.Owner.Kind != impact.KindPod {
		pod += " of " + h.Owner.String()
	}
	h.Message = say(pod, &result.Then, q.images[h.Namespace][h.Image].Image)
	return h
}

// strandedSentence says that a pod would have nowhere to go, why, and what would mend it. The image is what is known of
// the one at fault; nil where none is, or nothing is known.
func strandedSentence(pod string, v *impact.Verdict, image *policy.Image) string {
	problem, fix := v.Finding.Problem, v.Finding.Fix
	builtFor := ""
	if image != nil && len(image.WindowsBuilds()) > 0 {
		builtFor = fmt.Sprintf("image %q is built for %s only", v.Image, describe(image.WindowsBuilds(), "and"))
	}
	switch {
	case len(v.Fitting) > 0 && len(v.Targets) > 0 && builtFor != "":
		problem = builtFor + ", and no other node that it runs on would take the pod"
		fix = fmt.Sprintf("build it for %s too, or add a node of %s that takes the pod", describe(v.Targets, "or"), describe(v.Fitting, "or"))
	case len(v.Fitting) > 0 && len(v.Targets) == 0:
		problem = fmt.Sprintf("it can run only on %s, of which no other node would take it", describe(v.Fitting, "or"))
	case builtFor != "" && !strings.Contains(problem, v.Image):
		problem = builtFor + ", and " + problem
	}
	return fmt.Sprintf("%s would have nowhere to go: %s; %s", pod, problem, fix)
}

// unknownSentence says that it cannot be told whether a pod would have somewhere to go, why, and what would mend it.
func unknownSentence(pod string, v *impact.Verdict, _ *policy.Image) string {
	return fmt.Sprintf("it cannot be told whether %s would have somewhere to go: %s; %s", pod, v.Finding.Problem, v.Finding.Fix)
}

// closedSentence is the first pod's, and how many more there are.
func closedSentence(stranded, unknown []Held) string {
	strandedPods, unknownPods := pods(stranded), pods(unknown)
	var text string
	if len(stranded) > 0 {
		text = stranded[0].Message
		strandedPods--
	} else {
		text = unknown[0].Message
		unknownPods--
	}
	if strandedPods > 0 {
		text += fmt.Sprintf("; and %s nowhere to go", count(strandedPods, "more pod has", "more pods have"))
	}
	if unknownPods > 0 {
		text += fmt.Sprintf("; and of %s it cannot be told", count(unknownPods, "more pod", "more pods"))
	}
	return text
}

func pods(all []Held) int {
	n := 0
	for i := range all {
		n += all[i].Pods
	}
	return n
}

// describe names builds as prose does: "a", "a and b", "a, b and c".
func describe(builds []policy.Build, conjunction string) string {
	names := make([]string, len(builds))
	for i, build := range builds {
		names[i] = build.Describe()
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " " + conjunction + " " + names[last]
}

func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
