package drain

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Cordon keeps new pods off a node, and tells whether the cordon is ours. One that an administrator has made is left as
// it is, and is not ours. One that is ours and was taken back by somebody is made again, and one with another reason is
// given this one. The reason is shown to people. A node that is gone is an error for which
// [apierrors.IsNotFound] is true.
func (d *Drainer) Cordon(ctx context.Context, node, reason string) (byUs bool, err error) {
	err = d.change(ctx, node, func(n *corev1.Node) *cordon {
		said, ours := n.Annotations[v1alpha1.AnnotationCordonedBy]
		byUs = ours || !n.Spec.Unschedulable
		if !byUs || n.Spec.Unschedulable && said == reason {
			return nil
		}
		return &cordon{unschedulable: true, annotation: &reason}
	})
	if err != nil {
		return false, fmt.Errorf("cordoning node %s: %w", node, err)
	}
	return byUs, nil
}

// Uncordon takes our cordon back, and leaves any other. A node that is gone needs nothing.
func (d *Drainer) Uncordon(ctx context.Context, node string) error {
	d.metrics.forget(node)
	err := d.change(ctx, node, func(n *corev1.Node) *cordon {
		if _, ours := n.Annotations[v1alpha1.AnnotationCordonedBy]; !ours {
			return nil
		}
		return &cordon{}
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("uncordoning node %s: %w", node, err)
	}
	return nil
}

// cordon is what a node is given: both together, so that there is no moment, and no crash, between them.
type cordon struct {
	unschedulable bool
	// annotation is nil where it is to be removed.
	annotation *string
}

// change gives a node what decide says of it, or nothing. The node must not have changed in between: the administrator
// who cordons it in that moment would find the cordon claimed.
func (d *Drainer) change(ctx context.Context, name string, decide func(*corev1.Node) *cordon) error {
	nodes := d.client.CoreV1().Nodes()
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		node, err := nodes.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		wanted := decide(node)
		if wanted == nil {
			return nil
		}
		patch, err := wanted.patch(node)
		if err != nil {
			return err
		}
		_, err = nodes.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{})
		return err
	})
}

func (c *cordon) patch(node *corev1.Node) ([]byte, error) {
	return json.Marshal(map[string]any{
		"metadata": map[string]any{
			"resourceVersion": node.ResourceVersion,
			"annotations":     map[string]*string{v1alpha1.AnnotationCordonedBy: c.annotation},
		},
		"spec": map[string]any{"unschedulable": c.unschedulable},
	})
}
