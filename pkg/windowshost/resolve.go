package windowshost

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// resolve finds the host's node. One that was there and is gone was deleted by somebody: the host joins again.
type resolve struct {
	cache client.Reader
	api   client.Reader
}

func (resolve) name() v1alpha1.HostStep { return v1alpha1.StepResolve }

func (s resolve) do(ctx context.Context, p *pass) (verdict, error) {
	name := p.nodeName()
	if name == "" {
		return proceed(), nil
	}
	var err error
	if p.node, err = getNode(ctx, s.cache, name); err != nil || p.node != nil || !p.joined() {
		return proceed(), err
	}
	// The cache may be behind, and to join again restarts the kubelet.
	if p.node, err = getNode(ctx, s.api, name); err != nil || p.node != nil {
		return proceed(), err
	}
	p.host.Status.Node.Joined = false
	p.say(v1alpha1.HostConditionJoined, metav1.ConditionFalse, v1alpha1.ReasonAwaitingRegistration,
		fmt.Sprintf("Node %s was deleted, and the host has to register again.", name))
	return proceed(), nil
}

// getNode reads a node; nil where there is none, or no name. It is a copy: a cache may hand out what is its own.
func getNode(ctx context.Context, reader client.Reader, name string) (*corev1.Node, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // No node is an answer.
	}
	var node corev1.Node
	err := reader.Get(ctx, client.ObjectKey{Name: name}, &node)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // No node is an answer.
	}
	if err != nil {
		return nil, fmt.Errorf("reading node %s: %w", name, err)
	}
	return node.DeepCopy(), nil
}

// nodeReady tells whether the kubelet of a node says that it takes pods.
func nodeReady(node *corev1.Node) bool { return readiness(node).Status == corev1.ConditionTrue }

// readiness is the node's condition Ready, empty where it has none.
func readiness(node *corev1.Node) corev1.NodeCondition {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c
		}
	}
	return corev1.NodeCondition{}
}
