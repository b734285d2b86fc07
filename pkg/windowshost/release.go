package windowshost

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// release lets the node take pods again, and gives the turn back.
type release struct {
	client  client.Client
	api     client.Reader
	drainer Drainer
	turns   Turns
}

func (release) name() v1alpha1.HostStep { return v1alpha1.StepRelease }

func (s release) do(ctx context.Context, p *pass) (verdict, error) {
	// An administrator's own cordon has no annotation of ours, and stays.
	if _, ours := p.node.Annotations[v1alpha1.AnnotationCordonedBy]; ours || p.out() {
		if err := s.drainer.Uncordon(ctx, p.node.Name); err != nil {
			return proceed(), err
		}
	}
	if err := markUpgrading(ctx, s.client, p.node, false); err != nil {
		return proceed(), err
	}
	if !p.out() {
		return proceed(), nil
	}
	p.host.Status.Disruption = nil
	// Others are not to be given the turn before the status says that it is free.
	p.afterwards = append(p.afterwards, func() { s.turns.Give(p.key()) })
	if err := pruneRevisions(ctx, s.client, s.api, s.client, p.host, p.goal.config.Name); err != nil {
		// What is too much does no harm, and is looked for again after the next change.
		ctrl.LoggerFrom(ctx).Error(err, "deleting old revisions of a node configuration")
	}
	return proceed(), nil
}
