package windowshost

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// join waits for the node to be registered and to have its certificate, and gives it its labels, taints and annotations.
type join struct {
	client      client.Client
	api         client.Reader
	drainer     Drainer
	credentials Credentials
	metrics     Metrics
	options     Options
}

func (join) name() v1alpha1.HostStep { return v1alpha1.StepJoin }

func (s join) do(ctx context.Context, p *pass) (verdict, error) {
	if p.joined() {
		if err := s.revoke(ctx, p); err != nil {
			return proceed(), err
		}
		return proceed(), s.dress(ctx, p)
	}
	if p.node == nil {
		return s.awaiting(p, v1alpha1.ReasonAwaitingRegistration,
			fmt.Sprintf("Waits for the kubelet to register node %s.", p.result.NodeName))
	}
	if err := s.welcome(ctx, p); err != nil {
		return proceed(), err
	}
	certificate, err := servingCertificate(ctx, s.client, p.node, p.now())
	if err != nil {
		return proceed(), err
	}
	if !certificate.issued {
		return s.awaiting(p, v1alpha1.ReasonAwaitingCertificate, certificate.message)
	}
	if !certificate.until.IsZero() {
		s.metrics.CertificateSeen(p.host.UID, certificate.until)
	}
	return s.complete(ctx, p)
}

// welcome is what is done with a node that has just been registered: no pod is to be placed on it before it is complete.
func (s join) welcome(ctx context.Context, p *pass) error {
	if turn := p.host.Status.Disruption; turn != nil {
		byUs, err := s.drainer.Cordon(ctx, p.node.Name, "WindowsHost "+p.key().String()+": "+disruptionText(turn.Reason))
		if err != nil {
			return err
		}
		turn.CordonedByUs = byUs
	}
	return s.dress(ctx, p)
}

// awaiting waits, and counts it as a failure after a while. The kubelet goes on trying, and so does this.
func (s join) awaiting(p *pass, reason, message string) (verdict, error) {
	p.say(v1alpha1.HostConditionJoined, metav1.ConditionFalse, reason, message)
	if applied := p.host.Status.Applied; applied != nil && p.overdue(applied.Time.Time, s.options.JoinTimeout) {
		return proceed(), becausef(reason, "the kubelet runs since %s, and the node is not complete: %s See %s on the host",
			clockTime(applied.Time.Time), message, `C:\var\log\kubelet\kubelet.log`)
	}
	return wait(v1alpha1.HostJoining, reason, message, lookAgain), nil
}

// complete notes that the host is a node. The note comes before its credentials are revoked: a host without them that is
// not known to have joined would be given new ones.
func (s join) complete(ctx context.Context, p *pass) (verdict, error) {
	p.host.Status.Node.Joined = true
	message := fmt.Sprintf("Node %s is registered and has its certificates.", p.node.Name)
	p.say(v1alpha1.HostConditionJoined, metav1.ConditionTrue, v1alpha1.ReasonRegistered, message)
	if err := p.save(ctx, p.host); err != nil {
		return proceed(), err
	}
	if err := s.revoke(ctx, p); err != nil {
		return proceed(), err
	}
	// What needs the node's identity or its subnet is configured from now on.
	return wait(v1alpha1.HostJoining, v1alpha1.ReasonRegistered, strings.Join(append([]string{message}, p.result.Waiting...), " "), soon), nil
}

// revoke ends the credentials of a host that has joined.
func (s join) revoke(ctx context.Context, p *pass) error {
	if p.host.Status.Node.BootstrapUser == "" {
		return nil
	}
	if err := s.credentials.Revoke(ctx, p.host); err != nil {
		return err
	}
	p.host.Status.Node.BootstrapUser = ""
	return nil
}
