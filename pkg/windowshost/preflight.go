package windowshost

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/cni"
)

// planningToken stands in for a token until the host may have one: what would be done does not depend on which it is.
const planningToken = "000000.0000000000000000"

// preflight makes of the configuration what this host shall be, and finds out what keeps it from being a node.
type preflight struct {
	cache       client.Reader
	api         client.Reader
	credentials Credentials
}

func (preflight) name() v1alpha1.HostStep { return v1alpha1.StepPreflight }

func (s preflight) do(ctx context.Context, p *pass) (verdict, error) {
	if err := s.compute(ctx, p); err != nil {
		p.say(v1alpha1.HostConditionPreflightPassed, metav1.ConditionFalse, reasonOf(err), err.Error())
		return proceed(), err
	}
	message := "Nothing about the host keeps it from being a node."
	if len(p.result.Warnings) > 0 {
		message = strings.Join(p.result.Warnings, " ")
	}
	p.say(v1alpha1.HostConditionPreflightPassed, metav1.ConditionTrue, v1alpha1.ReasonPassed, message)
	return proceed(), nil
}

func (s preflight) compute(ctx context.Context, p *pass) error {
	token := ""
	if !p.joined() {
		token = planningToken
	}
	if err := p.desire(token); err != nil {
		return err
	}
	if err := s.checkName(ctx, p); err != nil {
		return err
	}
	if p.joined() {
		// Addresses change, and certificates are for those that the host has.
		p.host.Status.Node.Address, p.host.Status.Node.Addresses = p.result.NodeIP.String(), addresses(p.facts)
		return nil
	}
	if !p.out() {
		return nil
	}
	// Its turn has come: from now on what is desired has the real token in it, so that the plan is the one to be applied.
	if err := s.seesAll(ctx, p); err != nil {
		return err
	}
	issued, err := s.credentials.Issue(ctx, p.host, p.result.NodeName)
	if err != nil {
		return err
	}
	p.keepSecret(issued.Value)
	if err := p.introduce(ctx, issued.User); err != nil {
		return err
	}
	return p.desire(issued.Value)
}

// seesAll refuses to go on by an object that is not the newest one. A cache that is behind may not show that the host has joined,
// and it would be given a token that nobody takes back.
func (s preflight) seesAll(ctx context.Context, p *pass) error {
	var live v1alpha1.WindowsHost
	if err := s.api.Get(ctx, p.key(), &live); err != nil {
		return fmt.Errorf("reading WindowsHost %s: %w", p.key(), err)
	}
	if live.ResourceVersion != p.host.ResourceVersion {
		return apierrors.NewConflict(v1alpha1.SchemeGroupVersion.WithResource("windowshosts").GroupResource(), p.host.Name,
			errors.New("the cache is behind"))
	}
	return nil
}

// desire computes what the host shall be.
func (p *pass) desire(token string) error {
	host := nodeconfig.Host{
		Ready: p.node != nil && nodeReady(p.node),
		Facts: *p.facts, NodeName: p.host.Spec.NodeName, BootstrapToken: token, Joined: p.joined(),
		AuthorizedKeys: p.keys, RetiredKeys: p.retired,
	}
	if p.node != nil && p.joined() {
		host.OVNSubnet = p.node.Annotations[cni.OVNSubnetAnnotation]
		// An address that is none is as good as not set: kube-proxy goes on waiting, and the result says so.
		host.SourceVIP, _ = netip.ParseAddr(p.node.Annotations[v1alpha1.AnnotationSourceVIP])
	}
	var err error
	if p.result, err = nodeconfig.Desired(p.goal.config, p.goal.bundle.Bundle, p.cluster, host); err != nil {
		return because(v1alpha1.ReasonNodeConfigInvalid, err)
	}
	if p.stateDigest, err = state.DesiredDigest(&p.result.State); err != nil {
		return fmt.Errorf("naming the desired state: %w", err)
	}
	return nil
}

// introduce writes which node the host is to become, and as whom its credentials make it known. That has to be there
// before the host has them: its certificate requests are judged by it.
func (p *pass) introduce(ctx context.Context, user string) error {
	p.host.Status.Node = &v1alpha1.HostNode{
		Name: p.result.NodeName, Address: p.result.NodeIP.String(), Addresses: addresses(p.facts), BootstrapUser: user,
	}
	return p.save(ctx, p.host)
}

// checkName refuses a name that is another's. What a host says of its name must not make it a node that is there: who
// has a node's name gets that node's certificate.
func (s preflight) checkName(ctx context.Context, p *pass) error {
	name := p.result.NodeName
	other, err := elder(ctx, s.cache, p.host, indexNodeName, name)
	if err != nil {
		return err
	}
	if other != "" {
		return duplicate(other, "the node name "+name)
	}
	if p.joined() {
		if p.nodeName() != name {
			return becausef(v1alpha1.ReasonRefused, "the host is node %s and was renamed: it would be node %s. Give it its "+
				"name back, or delete the WindowsHost and make it anew", p.nodeName(), name)
		}
		return nil
	}
	if p.nodeName() != name {
		// It has no credentials for that name yet. The cache may not have a node that was just made.
		if p.node, err = getNode(ctx, s.api, name); err != nil {
			return err
		}
	}
	if p.node == nil {
		return nil
	}
	return p.checkNode(p.node)
}

// checkNode tells why a node that is there cannot be this host, though it has its name: it is made for another
// WindowsHost, or is no Windows node, or is elsewhere.
func (p *pass) checkNode(node *corev1.Node) error {
	if owner := node.Annotations[v1alpha1.AnnotationHost]; owner != "" {
		if owner == p.key().String() {
			return nil
		}
		return becausef(v1alpha1.ReasonDuplicate, "node %s is that of WindowsHost %s: rename the host", node.Name, owner)
	}
	if system := node.Labels[corev1.LabelOSStable]; system != string(corev1.Windows) {
		return becausef(v1alpha1.ReasonDuplicate, "there is a node %s that runs %s, and the host cannot be it: rename the host", node.Name, system)
	}
	for _, address := range node.Status.Addresses {
		if address.Type == corev1.NodeInternalIP && address.Address == p.result.NodeIP.String() {
			return nil
		}
	}
	return becausef(v1alpha1.ReasonDuplicate,
		"there is a node %s that does not have the host's address %s: rename the host, or delete the node", node.Name, p.result.NodeIP)
}
