package windowshost

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// aim finds the configuration that the host is to have, with its bundle and what nodes have to know of the cluster. One
// that the host was taken back from is not wanted again until something about it has changed.
type aim struct {
	cache   client.Reader
	api     client.Reader
	bundles Bundles
	cluster Cluster
}

func (aim) name() v1alpha1.HostStep { return v1alpha1.StepPreflight }

func (s aim) do(ctx context.Context, p *pass) (verdict, error) {
	config, err := s.config(ctx, p.found.NodeConfig)
	if err != nil {
		return proceed(), err
	}
	if p.cluster, err = s.cluster.Cluster(ctx); err != nil {
		return proceed(), because(v1alpha1.ReasonClusterUnknown, fmt.Errorf("finding out what nodes have to know of the cluster: %w", err))
	}
	digest, err := configurationDigest(config, &p.cluster)
	if err != nil {
		return proceed(), err
	}
	p.goal = goal{config: config, digest: digest}
	if applied := p.host.Status.Applied; applied != nil && applied.RolledBackFrom != "" {
		if err := s.stayBack(ctx, p, applied); err != nil {
			return proceed(), err
		}
	}
	if p.goal.bundle, err = s.bundles.Bundle(ctx, p.goal.config); errors.Is(err, ErrBundlePending) {
		return p.awaitBundle(), nil
	}
	if err != nil {
		return proceed(), because(v1alpha1.ReasonBundleUnavailable, fmt.Errorf("getting node bundle %s: %w", p.goal.config.Spec.Bundle.Image, err))
	}
	return proceed(), nil
}

// awaitBundle ends the pass for now. That bundles are fetched is nothing that is wrong with a host, and one that serves goes
// on: a replica that has just begun to work has none at hand for all hosts that there are.
func (p *pass) awaitBundle() verdict {
	message := fmt.Sprintf("Waits for node bundle %s, which is being fetched.", p.goal.config.Spec.Bundle.Image)
	if p.serves() {
		return wait(v1alpha1.HostReady, v1alpha1.ReasonNotYet, message, leftAlone)
	}
	return wait(v1alpha1.HostPreparing, v1alpha1.ReasonNotYet, message, lookAgain)
}

// stayBack aims at the configuration that the host was taken back to, as long as the one that is wanted is the one that
// it was taken back from.
func (s aim) stayBack(ctx context.Context, p *pass, applied *v1alpha1.AppliedConfiguration) error {
	if applied.RolledBackFrom != p.goal.digest {
		applied.RolledBackFrom = ""
		return nil
	}
	config, err := readRevision(ctx, s.api, p.host.Namespace, cmp.Or(applied.Previous, applied.Revision))
	if err != nil {
		return because(v1alpha1.ReasonRolledBack, fmt.Errorf("going back to the configuration before: %w", err))
	}
	digest, err := configurationDigest(config, &p.cluster)
	if err != nil {
		return err
	}
	p.goal = goal{config: config, digest: digest, rolledBack: true}
	return nil
}

func (s aim) config(ctx context.Context, name string) (*v1alpha1.WindowsNodeConfig, error) {
	var config v1alpha1.WindowsNodeConfig
	err := s.cache.Get(ctx, client.ObjectKey{Name: name}, &config)
	if apierrors.IsNotFound(err) {
		return nil, becausef(v1alpha1.ReasonNoNodeConfig, "there is no WindowsNodeConfig %q: make it, or name another", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading WindowsNodeConfig %s: %w", name, err)
	}
	return &config, nil
}

// sayUpToDate says whether the host has what its policy wants, by what was found.
func (p *pass) sayUpToDate() {
	switch {
	case p.goal.rolledBack:
		p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionFalse, v1alpha1.ReasonRolledBack, p.rolledBackMessage())
	case len(p.plan.Actions) == 0:
		p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionTrue, v1alpha1.ReasonAsDesired,
			fmt.Sprintf("It has WindowsNodeConfig %s, generation %d.", p.goal.config.Name, p.goal.config.Generation))
	case p.drifted():
		p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionFalse, v1alpha1.ReasonDrifted,
			"Somebody has changed what was configured: "+summary(&p.plan)+".")
	default:
		p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionFalse, v1alpha1.ReasonOutdated,
			fmt.Sprintf("To have WindowsNodeConfig %s, generation %d: %s.", p.goal.config.Name, p.goal.config.Generation, summary(&p.plan)))
	}
}
