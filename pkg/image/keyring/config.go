package keyring

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
)

// maxConfigSize bounds a docker config, in bytes: no Secret is larger.
// https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size
const maxConfigSize = 1 << 20

// errNotConfig stands for the decoder's own errors, which may quote what they could not read.
var errNotConfig = errors.New(`it is no JSON object of registries with "auth", or "username" and "password"`)

// Config is the credentials of one docker config. It is immutable.
type Config struct {
	credentials []credential
	fingerprint Fingerprint
}

// credential is one entry of a docker config.
type credential struct {
	pattern pattern
	auth    authn.AuthConfig
}

// ParseConfigJSON reads the data of a Secret of type kubernetes.io/dockerconfigjson: the object that docker
// keeps in ~/.docker/config.json. Credential helpers named in it are not called.
//
// One entry that cannot be read makes the whole config an error, as it does for kubelet.
func ParseConfigJSON(data []byte) (*Config, error) {
	var file struct {
		Auths map[string]authn.AuthConfig `json:"auths"`
	}
	if err := decode(data, &file); err != nil {
		return nil, fmt.Errorf("reading docker config: %w", err)
	}
	return newConfig(file.Auths), nil
}

// ParseConfig reads the data of a Secret of type kubernetes.io/dockercfg: the older format, which has the
// registries at the top.
func ParseConfig(data []byte) (*Config, error) {
	var auths map[string]authn.AuthConfig
	if err := decode(data, &auths); err != nil {
		return nil, fmt.Errorf("reading legacy docker config: %w", err)
	}
	return newConfig(auths), nil
}

func decode(data []byte, into any) error {
	if len(data) > maxConfigSize {
		return fmt.Errorf("it is larger than %d bytes", maxConfigSize)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return errNotConfig
	}
	return nil
}

func newConfig(auths map[string]authn.AuthConfig) *Config {
	config := &Config{}
	for location, auth := range auths {
		pattern, ok := parsePattern(location)
		if !ok || auth == (authn.AuthConfig{}) {
			continue
		}
		config.credentials = append(config.credentials, credential{pattern: pattern, auth: auth})
	}
	sortBySpecificity(config.credentials)
	config.fingerprint = fingerprint(config.credentials)
	return config
}
