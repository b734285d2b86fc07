package windowshost

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// verify looks whether the node is what it should be, before it takes pods again.
type verify struct {
	kubelets Kubelets
	metrics  Metrics
	options  Options
}

func (verify) name() v1alpha1.HostStep { return v1alpha1.StepVerify }

func (s verify) do(ctx context.Context, p *pass) (verdict, error) {
	reason, message := p.flaw()
	if reason == "" {
		p.host.Status.Applied.Previous = "" // The way back leads here from now on.
		s.lookAtCertificate(ctx, p)
		return proceed(), nil
	}
	if p.goal.rolledBack {
		message += " This is the configuration that it was taken back to."
	}
	if !p.overdue(p.settledAt(), s.options.VerifyTimeout) {
		return wait(v1alpha1.HostVerifying, reason, message, lookAgain), nil
	}
	if p.canRollBack() {
		return p.rollBack(ctx, message)
	}
	return proceed(), becausef(reason, "%s", message)
}

// settledAt is when the host was changed last, or was back from its last restart: from then on its node has time to become
// Ready.
func (p *pass) settledAt() time.Time {
	at := p.host.Status.Applied.Time.Time
	c := findCondition(p, v1alpha1.HostConditionRebootRequired)
	if c != nil && c.Status == metav1.ConditionFalse && c.LastTransitionTime.After(at) {
		at = c.LastTransitionTime.Time
	}
	return at
}

// lookAtCertificate takes the end of the serving certificate from the kubelet itself: requests are forgotten within the
// hour, and this process forgets what it saw. That it cannot be looked at is nothing that the host could help.
func (s verify) lookAtCertificate(ctx context.Context, p *pass) {
	port := p.node.Status.DaemonEndpoints.KubeletEndpoint.Port
	if s.kubelets == nil || port == 0 {
		return
	}
	address := net.JoinHostPort(p.host.Status.Node.Address, strconv.Itoa(int(port)))
	until, err := s.kubelets.CertificateEnd(ctx, address)
	if err != nil {
		ctrl.LoggerFrom(ctx).V(1).Info("the kubelet's serving certificate is not seen", "reason", err.Error())
		return
	}
	s.metrics.CertificateSeen(p.host.UID, until)
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
