package images

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/pullsecret"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// anonymous asks every registry without credentials.
type anonymous struct{}

func (anonymous) Keyring(context.Context, *workload.Pod, bool) (*keyring.Keyring, []string) {
	return nil, nil
}

// podSecrets asks registries with the pull secrets of pods.
type podSecrets struct {
	source *pullsecret.Source
}

// newPodSecrets reads Secrets and ServiceAccounts one by one with a reader that has no cache.
func newPodSecrets(reader client.Reader) (*podSecrets, error) {
	source, err := pullsecret.NewSource(pullsecret.Options{
		Secrets:         getter[corev1.Secret, *corev1.Secret]{reader},
		ServiceAccounts: getter[corev1.ServiceAccount, *corev1.ServiceAccount]{reader},
	})
	if err != nil {
		return nil, fmt.Errorf("reading pull secrets: %w", err)
	}
	return &podSecrets{source}, nil
}

// Keyring returns the credentials that kubelet would use for the pod, and what had to be left out.
func (p *podSecrets) Keyring(ctx context.Context, pod *workload.Pod, fromTemplate bool) (*keyring.Keyring, []string) {
	secrets := make([]string, len(pod.Spec.ImagePullSecrets))
	for i, secret := range pod.Spec.ImagePullSecrets {
		secrets[i] = secret.Name
	}
	if fromTemplate {
		return p.source.TemplateKeyring(ctx, pod.Metadata.Namespace, pod.Spec.ServiceAccountName, secrets)
	}
	return p.source.Keyring(ctx, pod.Metadata.Namespace, secrets)
}

// getter reads objects of one type by name.
type getter[T any, P interface {
	*T
	client.Object
}] struct {
	reader client.Reader
}

// Get reads one object.
func (g getter[T, P]) Get(ctx context.Context, namespace, name string) (*T, error) {
	object := new(T)
	if err := g.reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, P(object)); err != nil {
		return nil, err //nolint:wrapcheck // The source says in its own words what an API error means.
	}
	return object, nil
}
