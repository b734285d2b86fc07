package nodebundle

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/pkg/bundle/cache"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/reference"
)

// fetch brings a bundle into the cache.
func (b *Bundles) fetch(ctx context.Context, pullSecret string, from name.Digest) (*cache.Bundle, error) {
	credentials, err := b.credentials(ctx, pullSecret, from)
	if err != nil {
		return nil, err
	}
	opened, err := b.open(ctx, from, credentials)
	if err != nil {
		return nil, err
	}
	return b.options.Cache.Fetch(ctx, opened)
}

// open reads the manifest with the first credentials that the registry takes.
func (b *Bundles) open(ctx context.Context, from name.Digest, credentials []authn.Authenticator) (*oci.Remote, error) {
	var refused error
	for _, credential := range credentials {
		opened, err := oci.Open(ctx, from, remote.WithTransport(b.options.Transport), remote.WithAuth(credential))
		if err == nil || !unauthorized(err) {
			return opened, err
		}
		refused = err
	}
	return nil, refused
}

// unauthorized tells that a registry wants other credentials.
func unauthorized(err error) bool {
	answer := (*transport.Error)(nil)
	return errors.As(err, &answer) &&
		(answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden)
}

// credentials are those of the pull secret for the registry, in the order in which they are tried. Without a pull secret
// the registry is asked anonymously.
func (b *Bundles) credentials(ctx context.Context, pullSecret string, from name.Digest) ([]authn.Authenticator, error) {
	if pullSecret == "" {
		return []authn.Authenticator{authn.Anonymous}, nil
	}
	secret := types.NamespacedName{Namespace: b.options.Namespace, Name: pullSecret}
	config, err := b.readPullSecret(ctx, secret)
	if err != nil {
		return nil, err
	}
	image, err := reference.Parse(from.String())
	if err != nil {
		return nil, err
	}
	matched := keyring.New(config).Match(image).Credentials
	if len(matched) == 0 {
		return nil, fmt.Errorf("pull secret %s has no credentials for %s", secret, from.RegistryStr())
	}
	var all []authn.Authenticator
	for _, credential := range matched {
		all = append(all, authn.FromConfig(credential))
	}
	return all, nil
}

// readPullSecret reads a Secret. No error quotes it.
func (b *Bundles) readPullSecret(ctx context.Context, name types.NamespacedName) (*keyring.Config, error) {
	var secret corev1.Secret
	if err := b.options.Reader.Get(ctx, name, &secret); err != nil {
		return nil, fmt.Errorf("reading pull secret %s: %w", name, err)
	}
	if secret.Type != corev1.SecretTypeDockerConfigJson {
		return nil, fmt.Errorf("pull secret %s: its type is %q, not %s", name, secret.Type, corev1.SecretTypeDockerConfigJson)
	}
	config, err := keyring.ParseConfigJSON(secret.Data[corev1.DockerConfigJsonKey])
	if err != nil {
		return nil, fmt.Errorf("pull secret %s: %w", name, err)
	}
	return config, nil
}
