package registries

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/reference"
)

// host is a registry as a keychain is asked for it.
type host string

func (h host) String() string      { return string(h) }
func (h host) RegistryStr() string { return string(h) }

// credentials are the user's own for the registries of images: those in docker's configuration, which may be for a
// part of a registry, and those that docker's credential helpers or podman's configuration have for a host.
func credentials(ctx context.Context, images []string) (*keyring.Keyring, error) {
	var configs []*keyring.Config
	written, err := dockerConfig()
	if err != nil {
		return nil, err
	}
	if written != nil {
		configs = append(configs, written)
	}
	kept, err := fromKeychain(ctx, authn.DefaultKeychain, hostsOf(images))
	if err != nil {
		return nil, err
	}
	return keyring.New(append(configs, kept)...), nil
}

// dockerConfig is the configuration that docker login writes, or nil where there is none.
func dockerConfig() (*keyring.Config, error) {
	directory := os.Getenv("DOCKER_CONFIG")
	if directory == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, nil //nolint:nilerr,nilnil // Who has no home has no configuration in it.
		}
		directory = filepath.Join(home, ".docker")
	}
	file := filepath.Join(directory, "config.json")
	data, err := os.ReadFile(file) // #nosec G304 G703 -- The user's own file.
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // None is an answer.
	}
	if err != nil {
		return nil, fmt.Errorf("reading registry credentials: %w", err)
	}
	config, err := keyring.ParseConfigJSON(data)
	if err != nil {
		return nil, fmt.Errorf("reading registry credentials in %s: %w", file, err)
	}
	return config, nil
}

// hostsOf lists the registries of images. One that cannot be parsed has none.
func hostsOf(images []string) []string {
	var hosts []string
	seen := map[string]bool{}
	for _, raw := range images {
		image, err := reference.Parse(raw)
		if err == nil && !seen[image.Registry()] {
			seen[image.Registry()] = true
			hosts = append(hosts, image.Registry())
		}
	}
	return hosts
}

// dockerHub is how references call Docker Hub, and dockerHubHost how keychains do.
const (
	dockerHub     = "docker.io"
	dockerHubHost = "index.docker.io"
)

// fromKeychain asks a keychain for every host. It runs other programs, which know nothing of contexts: one that hangs
// is left behind when the context ends, and ends with the process.
func fromKeychain(ctx context.Context, keychain authn.Keychain, hosts []string) (*keyring.Config, error) {
	type outcome struct {
		config *keyring.Config
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		config, err := askKeychain(ctx, keychain, hosts)
		done <- outcome{config, err}
	}()
	select {
	case got := <-done:
		return got.config, got.err
	case <-ctx.Done():
		return nil, fmt.Errorf("asking docker's credential helpers: %w", context.Cause(ctx))
	}
}

func askKeychain(ctx context.Context, keychain authn.Keychain, hosts []string) (*keyring.Config, error) {
	auths := map[string]authn.AuthConfig{}
	for _, registry := range hosts {
		asked := registry
		if asked == dockerHub {
			asked = dockerHubHost
		}
		found, err := authn.Resolve(ctx, keychain, host(asked))
		if err != nil {
			return nil, fmt.Errorf("asking docker's credential helpers for %s: %w", registry, err)
		}
		auth, err := found.Authorization()
		if err != nil {
			return nil, fmt.Errorf("asking docker's credential helpers for %s: %w", registry, err)
		}
		if *auth != (authn.AuthConfig{}) {
			auths[registry] = *auth
		}
	}
	data, err := json.Marshal(map[string]any{"auths": auths})
	if err != nil {
		return nil, fmt.Errorf("collecting registry credentials: %w", err)
	}
	config, err := keyring.ParseConfigJSON(data)
	if err != nil {
		return nil, fmt.Errorf("collecting registry credentials: %w", err)
	}
	return config, nil
}
