package pullsecret

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
)

// contentError tells that a Secret was read and is no use. Its text quotes none of it.
type contentError struct{ cause error }

func (e *contentError) Error() string { return e.cause.Error() }
func (e *contentError) Unwrap() error { return e.cause }

var errNoData = errors.New("it has no data under the key of its type")

// parse reads a Secret of either type that kubelet takes.
// https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets
func parse(secret *corev1.Secret) (*keyring.Config, error) {
	read, data := keyring.ParseConfigJSON, secret.Data[corev1.DockerConfigJsonKey]
	switch secret.Type {
	case corev1.SecretTypeDockerConfigJson:
	case corev1.SecretTypeDockercfg:
		read, data = keyring.ParseConfig, secret.Data[corev1.DockerConfigKey]
	default:
		return nil, &contentError{fmt.Errorf("its type is %q, not %s", secret.Type, corev1.SecretTypeDockerConfigJson)}
	}
	if len(data) == 0 {
		return nil, &contentError{errNoData}
	}
	config, err := read(data)
	if err != nil {
		return nil, &contentError{err}
	}
	return config, nil
}

func namesOf(references []corev1.LocalObjectReference) []string {
	names := make([]string, 0, len(references))
	for _, reference := range references {
		names = append(names, reference.Name)
	}
	return names
}
