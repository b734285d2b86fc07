package nodebundle_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/test/registry"
)

func private() registry.Options { return registry.Options{Username: username, Password: password} }

func TestAPrivateBundleIsPulledWithTheSecretOfItsConfiguration(t *testing.T) {
	for sentence, c := range map[string]struct {
		places map[string]string // Passwords by place below the registry.
		secret string
		want   string
	}{
		"as it should be":                        {map[string]string{"": password}, "pull", ""},
		"with the second credentials that match": {map[string]string{"/windows": "old-battery", "": password}, "pull", ""},
		"and not with wrong ones":                {map[string]string{"": "old-battery"}, "pull", "UNAUTHORIZED"},
		"and not without any":                    {map[string]string{"": password}, "", "UNAUTHORIZED"},
		"and not with those of another place": {
			map[string]string{"/linux": password}, "pull", "pull secret mullion-system/pull has no credentials for ",
		},
		"and not with a Secret that is missing": {nil, "none", "reading pull secret mullion-system/none: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t, roomy, private())
			w.givenPullSecret(t, "pull", c.places)
			image := w.push(t, "a kubelet")
			_, err := w.Bundle(t.Context(), config(image, c.secret))
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), image)):
				t.Errorf("got %v, want %s", err, c.want)
			case err != nil && (strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "old-battery")):
				t.Errorf("%v has a password", err)
			}
		})
	}
}

func TestAPullSecretOfNoUseIsNamedAndNotQuoted(t *testing.T) {
	for want, change := range map[string]func(*corev1.Secret){
		`its type is "Opaque", not kubernetes.io/dockerconfigjson`: func(s *corev1.Secret) { s.Type = corev1.SecretTypeOpaque },
		"reading docker config: ": func(s *corev1.Secret) {
			s.Data[corev1.DockerConfigJsonKey] = []byte(`{"auths": {"a": "` + password + `"}}`)
		},
	} {
		w := newWorld(t, roomy, private())
		w.givenPullSecret(t, "pull", nil, change)
		_, err := w.Bundle(t.Context(), config(w.push(t, "a kubelet"), "pull"))
		if err == nil || !strings.Contains(err.Error(), "pull secret mullion-system/pull: "+want) || strings.Contains(err.Error(), password) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
