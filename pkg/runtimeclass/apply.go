package runtimeclass

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	nodev1ac "k8s.io/client-go/applyconfigurations/node/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// apply sets the fields of a class. A live class is changed only if it is still the one that was looked at.
// Where none was there, nothing is forced: a class that somebody else has made in the meantime is a conflict.
func (r *Reconciler) apply(ctx context.Context, class *Class, live *nodev1.RuntimeClass) error {
	configuration := class.configuration()
	options := []client.ApplyOption{fieldOwner}
	if live != nil {
		configuration.WithUID(live.UID).WithResourceVersion(live.ResourceVersion)
		options = append(options, client.ForceOwnership)
	}
	return r.Client.Apply(ctx, configuration, options...)
}

// configuration is everything that this project sets in the class.
func (c *Class) configuration() *nodev1ac.RuntimeClassApplyConfiguration {
	scheduling := nodev1ac.Scheduling().WithNodeSelector(c.NodeSelector())
	for i := range c.Tolerations {
		scheduling.WithTolerations(toleration(&c.Tolerations[i]))
	}
	return nodev1ac.RuntimeClass(c.Name).
		WithLabels(map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}).
		WithHandler(c.Handler).
		WithScheduling(scheduling)
}

func toleration(t *corev1.Toleration) *corev1ac.TolerationApplyConfiguration {
	configuration := corev1ac.Toleration().WithOperator(t.Operator)
	if t.Key != "" {
		configuration.WithKey(t.Key)
	}
	if t.Value != "" {
		configuration.WithValue(t.Value)
	}
	if t.Effect != "" {
		configuration.WithEffect(t.Effect)
	}
	if t.TolerationSeconds != nil {
		configuration.WithTolerationSeconds(*t.TolerationSeconds)
	}
	return configuration
}
