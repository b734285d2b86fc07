package registry_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mullion-dev/mullion/test/registry"
)

func start(t *testing.T, o registry.Options) *registry.Registry {
	t.Helper()
	r, err := registry.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func push(t *testing.T, r *registry.Registry, repositoryAndTag string, manifests ...registry.Manifest) v1.Hash {
	t.Helper()
	index, err := registry.NewIndex(manifests...)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := r.Push(t.Context(), repositoryAndTag, index)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func parse(t *testing.T, r *registry.Registry, repositoryAndTag string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(r.Reference(repositoryAndTag))
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// get fetches a URL and reads the whole answer.
func get(ctx context.Context, client *http.Client, url string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, errors.Join(err, res.Body.Close())
}

func TestWhatIsPushedCanBePulledByTagAndDigest(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	digest := push(t, r, "windows/nanoserver:ltsc2022", registry.Windows("10.0.20348.2700"))
	for _, ref := range []string{"windows/nanoserver:ltsc2022", "windows/nanoserver@" + digest.String()} {
		descriptor, err := remote.Get(parse(t, r, ref), remote.WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		if descriptor.Digest != digest {
			t.Errorf("%s is %s, want %s", ref, descriptor.Digest, digest)
		}
	}
}

func TestHTTPSIsServedWithACertificateToTrust(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{TLS: true})
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(r.CABundle()) {
		t.Fatal("the CA bundle holds no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	status, _, err := get(t.Context(), &http.Client{Transport: transport}, r.URL()+"/v2/")
	if err != nil || status != http.StatusOK {
		t.Errorf("got %d, %v", status, err)
	}
	if _, _, err := get(t.Context(), &http.Client{Transport: &http.Transport{}}, r.URL()+"/v2/"); err == nil {
		t.Error("a client without the bundle trusts the registry")
	}
}

func TestCredentialsAreDemanded(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{Username: "robot", Password: "secret"})
	push(t, r, "private:1.0", registry.Linux("amd64"))
	cases := map[string]struct {
		who     authn.Authenticator
		allowed bool
	}{
		"the right credentials are accepted": {&authn.Basic{Username: "robot", Password: "secret"}, true},
		"a wrong password is refused":        {&authn.Basic{Username: "robot", Password: "guess"}, false},
		"an anonymous client is refused":     {authn.Anonymous, false},
	}
	for sentence, c := range cases {
		t.Run(sentence, func(t *testing.T) {
			_, err := remote.Get(parse(t, r, "private:1.0"), remote.WithAuth(c.who), remote.WithContext(t.Context()))
			if (err == nil) != c.allowed {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRequestsOfClientsAreCounted(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	push(t, r, "counted:1.0", registry.Linux("amd64"))
	if got := r.Requests(""); got != 0 {
		t.Errorf("pushing was counted: %d requests", got)
	}
	ref := parse(t, r, "counted:1.0")
	if _, err := remote.Head(ref, remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Get(ref, remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{
		"all":   r.Requests("/manifests/"),
		"heads": r.RequestsByMethod(http.MethodHead, "/manifests/"),
		"blobs": r.Requests("/blobs/"),
	}
	if diff := cmp.Diff(map[string]int{"all": 2, "heads": 1, "blobs": 0}, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	r.ResetRequests()
	if got := r.Requests(""); got != 0 {
		t.Errorf("%d requests after a reset", got)
	}
}

func TestAClosedRegistryRefusesConnections(t *testing.T) {
	t.Parallel()
	r, err := registry.Start(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	r.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, _, err := get(ctx, &http.Client{Transport: &http.Transport{}}, r.URL()+"/v2/"); err == nil {
		t.Error("a closed registry answered")
	}
}
