package pullsecret

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
)

// maxSecrets is how many pull secrets of one pod are read. The API server sets no bound.
const maxSecrets = 32

// defaultServiceAccount is what a pod runs as that names no service account.
const defaultServiceAccount = "default"

// Keyring makes a keyring of a pod's imagePullSecrets. Pods carry those of their service account already: the
// API server put them there. The notes are sentences for a person on what had to be left out; they hold no
// credentials. The call takes no longer than ctx lasts.
func (s *Source) Keyring(ctx context.Context, namespace string, secrets []string) (ring *keyring.Keyring, notes []string) {
	if len(secrets) > maxSecrets {
		notes = append(notes, fmt.Sprintf("only the first %d of %d image pull secrets are used", maxSecrets, len(secrets)))
		secrets = secrets[:maxSecrets]
	}
	configs := make([]*keyring.Config, 0, len(secrets))
	for _, name := range secrets {
		if name == "" {
			continue // The API server allows it, and kubelet ignores it.
		}
		config, err := s.secrets.get(ctx, namespace, name)
		if err != nil {
			notes = append(notes, note("image pull secret", namespace, name, err))
			continue
		}
		configs = append(configs, config)
	}
	if len(configs) == 0 {
		return nil, notes
	}
	return keyring.New(configs...), notes
}

// TemplateKeyring makes the keyring that a pod made of a template will have: that of the template's own
// imagePullSecrets or, as the API server does it, if it names none those of its service account.
// https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
func (s *Source) TemplateKeyring(ctx context.Context, namespace, serviceAccount string, secrets []string) (ring *keyring.Keyring, notes []string) {
	if len(secrets) > 0 {
		return s.Keyring(ctx, namespace, secrets)
	}
	if serviceAccount == "" {
		serviceAccount = defaultServiceAccount
	}
	secrets, err := s.serviceAccounts.get(ctx, namespace, serviceAccount)
	if err != nil {
		return nil, []string{note("service account", namespace, serviceAccount, err)}
	}
	return s.Keyring(ctx, namespace, secrets)
}

// note says why something was left out, in words that show what an administrator can do about it.
func note(what, namespace, name string, err error) string {
	var content *contentError
	var reason string
	switch {
	case apierrors.IsNotFound(err):
		reason = "it does not exist"
	case apierrors.IsForbidden(err):
		reason = "mullion is not permitted to read it"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		reason = "the API server did not answer in time"
	case errors.As(err, &content):
		reason = content.Error()
	default:
		reason = "the API server could not be asked"
	}
	return fmt.Sprintf("%s %s/%s is not used: %s", what, namespace, name, reason)
}
