package windowshost

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// annotationExcludeDraining on a Machine keeps its node from being drained when it goes.
// Source: github.com/openshift/machine-api-operator, pkg/controller/machine.
const annotationExcludeDraining = "machine.openshift.io/exclude-node-draining"

// replace deletes the Machine of a host that is to be made anew. Whoever makes Machines makes another one, and the source
// of the host removes this WindowsHost.
type replace struct{ client client.Client }

func (replace) name() v1alpha1.HostStep { return v1alpha1.StepApply }

func (s replace) do(ctx context.Context, p *pass) (verdict, error) {
	if !p.out() || p.host.Status.Disruption.Reason != v1alpha1.DisruptionReplace {
		return proceed(), nil
	}
	reference := p.host.Spec.Machine
	machine, err := getMachine(ctx, s.client, reference)
	if err != nil {
		return proceed(), err
	}
	message := fmt.Sprintf("Its %s %s/%s is being replaced.", reference.Kind, reference.Namespace, reference.Name)
	if machine == nil || !machine.GetDeletionTimestamp().IsZero() {
		return wait(v1alpha1.HostRemoving, v1alpha1.ReasonRemoving, message, lookAgain), nil
	}
	if err := s.client.Delete(ctx, machine, client.Preconditions{UID: new(machine.GetUID())}); client.IgnoreNotFound(err) != nil {
		return proceed(), fmt.Errorf("deleting %s %s/%s: %w", reference.Kind, reference.Namespace, reference.Name, err)
	}
	return wait(v1alpha1.HostRemoving, v1alpha1.ReasonRemoving, message, lookAgain), nil
}

// getMachine reads the object that stands for a host's machine; nil where it is gone.
func getMachine(ctx context.Context, reader client.Reader, reference *v1alpha1.MachineReference) (*unstructured.Unstructured, error) {
	machine := &unstructured.Unstructured{}
	machine.SetGroupVersionKind(schema.FromAPIVersionAndKind(reference.APIVersion, reference.Kind))
	err := reader.Get(ctx, client.ObjectKey{Namespace: reference.Namespace, Name: reference.Name}, machine)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // No machine is an answer.
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s %s/%s: %w", reference.Kind, reference.Namespace, reference.Name, err)
	}
	return machine, nil
}

// excludedFromDraining tells whether the host's Machine says that its node is not to be drained when it goes.
func (p *pass) excludedFromDraining(ctx context.Context, reader client.Reader) (bool, error) {
	reason := p.host.Status.Disruption.Reason
	if p.host.Spec.Machine == nil || reason != v1alpha1.DisruptionReplace && reason != v1alpha1.DisruptionRemove {
		return false, nil
	}
	machine, err := getMachine(ctx, reader, p.host.Spec.Machine)
	if err != nil || machine == nil {
		return false, err
	}
	_, excluded := machine.GetAnnotations()[annotationExcludeDraining]
	return excluded, nil
}
