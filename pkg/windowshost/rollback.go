package windowshost

import (
	"cmp"
	"context"
	"fmt"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// canRollBack tells whether the host is in the middle of a change, and there is a configuration before that its policy
// lets it go back to.
func (p *pass) canRollBack() bool {
	applied := p.host.Status.Applied
	return p.out() && applied != nil && p.joined() && !p.goal.rolledBack && p.previous() != "" &&
		cmp.Or(p.found.Policy.Spec.Rollout.Rollback, v1alpha1.RollbackAutomatic) == v1alpha1.RollbackAutomatic
}

// previous is the revision to go back to; empty where there is none. Before the wanted one was applied it is the one that
// the host has.
func (p *pass) previous() string {
	applied := p.host.Status.Applied
	if applied.Digest != p.goal.digest {
		return cmp.Or(applied.Previous, applied.Revision)
	}
	return applied.Previous
}

// rollBack takes the host back to the configuration before, with the turn that it has. That is written first: from then
// on the next pass, on whatever replica, aims at that one.
func (p *pass) rollBack(ctx context.Context, why string) (verdict, error) {
	p.host.Status.Applied.RolledBackFrom = p.goal.digest
	message := fmt.Sprintf("It goes back to the configuration before WindowsNodeConfig %s, generation %d: %s.",
		p.goal.config.Name, p.goal.config.Generation, why)
	p.sayRolledBack(message)
	p.host.Status.Phase, p.host.Status.Step = v1alpha1.HostConfiguring, v1alpha1.StepVerify
	p.host.Status.Message = shortened(message, maxMessage)
	if err := p.save(ctx, p.host); err != nil {
		return proceed(), err
	}
	return wait(v1alpha1.HostConfiguring, v1alpha1.ReasonRolledBack, message, soon), nil
}
