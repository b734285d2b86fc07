package registries

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/test/registry"
)

const user, password = "shop", "s3cret-of-the-shop"

// started is a registry that demands credentials, and the options to reach it.
func started(t *testing.T) (*registry.Registry, *Options) {
	t.Helper()
	r, err := registry.Start(registry.Options{Username: user, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	if err := r.PushCatalog(t.Context(), registry.Catalog()); err != nil {
		t.Fatal(err)
	}
	o := NewOptions()
	o.Insecure = []string{r.Host()}
	return r, o
}

// loggedIn writes a docker configuration, which is the user's for the test. No other configuration is found.
func loggedIn(t *testing.T, config string) {
	t.Helper()
	directory := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DOCKER_CONFIG"} {
		t.Setenv(name, directory)
	}
	t.Setenv("REGISTRY_AUTH_FILE", filepath.Join(directory, "none"))
	if config == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(directory, "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

func basic(name, secret string) string {
	return base64.StdEncoding.EncodeToString([]byte(name + ":" + secret))
}

// resolve asks for one image.
func resolve(t *testing.T, o *Options, image string) policy.ImageResult {
	t.Helper()
	results, err := Resolve(t.Context(), o, []string{image}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return results[image]
}

func TestTheUsersCredentialsAreUsed(t *testing.T) {
	r, o := started(t)
	for sentence, c := range map[string]struct {
		config string
		want   policy.ImageProblemReason
	}{
		"docker login":                  {fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, r.Host(), basic(user, password)), ""},
		"for a part of the registry":    {fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, r.Host()+"/windows", basic(user, password)), ""},
		"for another registry":          {fmt.Sprintf(`{"auths":{"example.com":{"auth":%q}}}`, basic(user, password)), policy.ImageUnauthorized},
		"wrong ones":                    {fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, r.Host(), basic(user, "guess")), policy.ImageUnauthorized},
		"nobody has ever logged in":     {"", policy.ImageUnauthorized},
		"logged out, with a file still": {`{"auths":{}}`, policy.ImageUnauthorized},
	} {
		t.Run(sentence, func(t *testing.T) {
			loggedIn(t, c.config)
			got := resolve(t, o, r.Reference("windows/nanoserver:ltsc2022"))
			switch {
			case c.want == "" && got.Image == nil:
				t.Errorf("got %+v", got.Problem)
			case c.want != "" && (got.Problem == nil || got.Problem.Reason != c.want):
				t.Errorf("got %+v, want %s", got, c.want)
			case got.Problem != nil && strings.Contains(got.Problem.Message, password):
				t.Errorf("it shows the password: %s", got.Problem.Message)
			}
		})
	}
}

func TestACredentialHelperIsAsked(t *testing.T) {
	r, o := started(t)
	programs := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\necho '{\"ServerURL\":\"%s\",\"Username\":\"%s\",\"Secret\":\"%s\"}'\n", r.Host(), user, password)
	if err := os.WriteFile(filepath.Join(programs, "docker-credential-test"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	loggedIn(t, fmt.Sprintf(`{"credHelpers":{%q:"test"}}`, r.Host()))
	if got := resolve(t, o, r.Reference("windows/nanoserver:ltsc2022")); got.Image == nil {
		t.Errorf("got %+v", got.Problem)
	}
}

func TestCredentialsThatCannotBeReadAreAnError(t *testing.T) {
	r, o := started(t)
	for sentence, config := range map[string]string{
		"no JSON":               `{"auths":`,
		"a helper that is gone": fmt.Sprintf(`{"credHelpers":{%q:"gone-since-yesterday"}}`, r.Host()),
	} {
		t.Run(sentence, func(t *testing.T) {
			loggedIn(t, config)
			_, err := Resolve(t.Context(), o, []string{r.Reference("windows/nanoserver:ltsc2022")}, io.Discard)
			if err == nil || !strings.Contains(err.Error(), "credential") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEveryImageHasAnOutcome(t *testing.T) {
	r, o := started(t)
	loggedIn(t, fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, r.Host(), basic(user, password)))
	images := []string{r.Reference("library/nginx:1.29"), r.Reference("none:1"), "Not A Reference", "127.0.0.1:1/down:1"}
	for i := range 300 { // More than a resolver of the webhook would queue.
		images = append(images, r.Reference(fmt.Sprintf("windows/nanoserver:tag%d", i)))
	}
	results, err := Resolve(t.Context(), o, images, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []policy.ImageProblemReason{"", policy.ImageNotFound, policy.ImageInvalidReference, policy.ImageUnreachable} {
		got := results[images[i]]
		if (want == "") != (got.Image != nil) || got.Problem != nil && got.Problem.Reason != want {
			t.Errorf("%s: %+v", images[i], got.Problem)
		}
	}
	for _, image := range images[4:] {
		if got := results[image]; got.Problem == nil || got.Problem.Reason != policy.ImageNotFound {
			t.Errorf("%s: %+v", image, got)
		}
	}
}

func TestNothingIsWaitedForLongerThanTheTimeout(t *testing.T) {
	r, o := started(t)
	loggedIn(t, "")
	defer r.Inject(registry.Slow(time.Hour))()
	o.Timeout = 50 * time.Millisecond
	got := resolve(t, o, r.Reference("windows/nanoserver:ltsc2022"))
	if got.Problem == nil || strings.Contains(got.Problem.Message, "background") {
		t.Errorf("got %+v", got)
	}
}

func TestAnInterruptionIsAnError(t *testing.T) {
	r, o := started(t)
	loggedIn(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Resolve(ctx, o, []string{r.Reference("windows/nanoserver:ltsc2022")}, io.Discard); err == nil {
		t.Error("there is none")
	}
}

func TestNobodyIsAskedForNothing(t *testing.T) {
	loggedIn(t, `{"auths":`)
	if results, err := Resolve(t.Context(), NewOptions(), nil, io.Discard); err != nil || len(results) > 0 {
		t.Errorf("%v, %v", results, err)
	}
}

func TestAuthoritiesAreReadOrTheReasonIsSaid(t *testing.T) {
	r, err := registry.Start(registry.Options{TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.PushCatalog(t.Context(), registry.Catalog()); err != nil {
		t.Fatal(err)
	}
	loggedIn(t, "")
	o := NewOptions()
	image := r.Reference("windows/nanoserver:ltsc2022")
	if got := resolve(t, o, image); got.Problem == nil {
		t.Error("a registry that nobody vouches for is trusted")
	}
	o.CA.File = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(o.CA.File, r.CABundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := resolve(t, o, image); got.Image == nil {
		t.Errorf("got %+v", got.Problem)
	}
	if err := os.WriteFile(o.CA.File, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Resolve(t.Context(), o, []string{image}, io.Discard); err == nil || !strings.Contains(err.Error(), "no certificate in PEM") {
		t.Errorf("got %v", err)
	}
}
