package windowshost

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostpolicy"
)

// leftAlone is how often a host is looked at that no policy wants. A change of a policy is a reason of its own to look.
const leftAlone = lastRetry

// assign finds the policy that the host lives under, which follows from its build.
type assign struct {
	reader client.Reader
	yield  yield
}

func (assign) name() v1alpha1.HostStep { return v1alpha1.StepPreflight }

func (s assign) do(ctx context.Context, p *pass) (verdict, error) {
	var policies v1alpha1.WindowsBuildPolicyList
	if err := s.reader.List(ctx, &policies); err != nil {
		return proceed(), fmt.Errorf("listing policies: %w", err)
	}
	found, none := hostpolicy.Find(policies.Items, p.host, p.facts.Build)
	if none != nil {
		p.host.Status.Plan = nil
		if none.Keeps == "" {
			p.host.Status.Policy = ""
		}
		p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionUnknown, none.Reason, none.Message)
		return s.leave(ctx, p, none)
	}
	p.found = found
	p.host.Status.Policy = found.Policy.Name
	return proceed(), nil
}

// leave leaves a host as it is of which nothing is wanted. One whose pods were only about to go keeps them.
func (s assign) leave(ctx context.Context, p *pass, none *hostpolicy.None) (verdict, error) {
	if turn := p.host.Status.Disruption; turn != nil && turn.Reason != v1alpha1.DisruptionJoin && !turn.Drained {
		p.drainingIsOver(none.Message)
		if err := s.yield.do(ctx, p); err != nil {
			return proceed(), err
		}
	}
	message := none.Message
	switch {
	case p.serves():
		p.trouble = &trouble{none.Reason, message}
		return wait(v1alpha1.HostReady, none.Reason, message, leftAlone), nil
	case p.out() && p.node != nil:
		message += " It was being changed, and its node takes no pods until that goes on."
	}
	return wait(v1alpha1.HostWaiting, none.Reason, message, leftAlone), nil
}
