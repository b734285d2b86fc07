package windowshost

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// recorded tells whether the status has what the host has.
func (p *pass) recorded() bool {
	applied := p.host.Status.Applied
	return applied != nil && applied.State == p.stateDigest && applied.Digest == p.goal.digest &&
		applied.NodeConfig == p.goal.config.Name && applied.NodeConfigGeneration == p.goal.config.Generation
}

// record notes that the host has what it is to have, which a revision keeps.
func (p *pass) record(revision string) {
	before := p.host.Status.Applied
	if before == nil {
		before = &v1alpha1.AppliedConfiguration{}
	}
	now := &v1alpha1.AppliedConfiguration{
		NodeConfig:           p.goal.config.Name,
		NodeConfigGeneration: p.goal.config.Generation,
		Bundle:               p.goal.bundle.Digest,
		KubernetesVersion:    p.goal.config.Spec.KubernetesVersion,
		Digest:               p.goal.digest,
		State:                p.stateDigest,
		Time:                 before.Time,
		Revision:             revision,
		Previous:             before.Previous,
		RolledBackFrom:       before.RolledBackFrom,
	}
	if before.State != now.State {
		now.Time = metav1.NewTime(p.now())
	}
	switch {
	case now.Revision == now.Previous:
		now.Previous = ""
	case before.Revision != now.Revision && before.Previous == "" && p.joined():
		now.Previous = before.Revision
	}
	p.host.Status.Applied = now
	p.say(v1alpha1.HostConditionConfigured, metav1.ConditionTrue, v1alpha1.ReasonApplied,
		fmt.Sprintf("It has WindowsNodeConfig %s, generation %d, with Kubernetes %s.",
			now.NodeConfig, now.NodeConfigGeneration, now.KubernetesVersion))
}
