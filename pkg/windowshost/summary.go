package windowshost

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// summary is a plan in one line, such as "create 2 files, update 1 service": each verb and kind once, in the order in
// which they come first.
func summary(plan *state.Plan) string {
	type what struct {
		verb state.Verb
		kind state.Kind
	}
	counts, order := map[what]int{}, []what{}
	for i := range plan.Actions {
		w := what{plan.Actions[i].Verb, plan.Actions[i].ID.Kind}
		if counts[w]++; counts[w] == 1 {
			order = append(order, w)
		}
	}
	if len(order) == 0 {
		return "nothing to do"
	}
	parts := make([]string, len(order))
	for i, w := range order {
		parts[i] = fmt.Sprintf("%s %s", w.verb, counted(counts[w], noun(w.kind)))
	}
	return strings.Join(parts, ", ")
}

// noun is what people call one resource of a kind.
func noun(kind state.Kind) string {
	switch kind {
	case state.KindVersions:
		return "version"
	case state.KindFirewall:
		return "firewall rule"
	case state.KindRegistry:
		return "registry value"
	default:
		return string(kind)
	}
}

// counted is a number of things.
func counted(number int, noun string) string {
	switch {
	case number == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", number, strings.TrimSuffix(noun, "y"))
	default:
		return fmt.Sprintf("%d %ss", number, noun)
	}
}

func findCondition(p *pass, kind string) *metav1.Condition {
	return meta.FindStatusCondition(p.host.Status.Conditions, kind)
}
