package windowshost

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// verify looks whether the node is what it should be, before it takes pods again.
type verify struct{ options Options }

func (verify) name() v1alpha1.HostStep { return v1alpha1.StepVerify }

func (s verify) do(ctx context.Context, p *pass) (verdict, error) {
	reason, message := p.flaw()
	if reason == "" {
		p.host.Status.Applied.Previous = "" // The way back leads here from now on.
		return proceed(), nil
	}
	if p.goal.rolledBack {
		message += " This is the configuration that it was taken back to."
	}
	if !p.overdue(p.host.Status.Applied.Time.Time, s.options.VerifyTimeout) {
		return wait(v1alpha1.HostVerifying, reason, message, lookAgain), nil
	}
	if p.canRollBack() {
		return p.rollBack(ctx, message)
	}
	return proceed(), becausef(reason, "%s", message)
}

// flaw is what is wrong with the node, in a word and in a sentence; empty where nothing is.
func (p *pass) flaw() (reason, message string) {
	node, wanted := p.node, p.goal.config.Spec.KubernetesVersion
	ready := readiness(node)
	switch build := node.Labels[corev1.LabelWindowsBuild]; {
	case build != p.facts.Build:
		return v1alpha1.ReasonBuildMismatch, fmt.Sprintf("Node %s is labelled as build %q, and the host has %s.", node.Name, build, p.facts.Build)
	case node.Status.NodeInfo.KubeletVersion != wanted:
		return v1alpha1.ReasonNodeNotReady, fmt.Sprintf("The kubelet of node %s says that it is %s and not %s.",
			node.Name, node.Status.NodeInfo.KubeletVersion, wanted)
	case ready.Status != corev1.ConditionTrue:
		said := ready.Message
		if said == "" {
			said = "it has not said anything yet"
		}
		return v1alpha1.ReasonNodeNotReady, fmt.Sprintf("Node %s is not Ready: %s.", node.Name, said)
	default:
		return "", ""
	}
}
