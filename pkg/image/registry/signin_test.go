package registry

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const password = "hunter2"

func alice() authn.AuthConfig { return authn.AuthConfig{Username: "alice", Password: password} }

func basicHeader(user string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// requireHeader lets only requests through that carry one of the given Authorization headers.
func requireHeader(refuse func(http.ResponseWriter), accepted ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, header := range accepted {
			if r.Header.Get("Authorization") == header {
				return
			}
		}
		refuse(w)
	}
}

func challengeBasic(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
	w.WriteHeader(http.StatusUnauthorized)
}

func TestBasicCredentials(t *testing.T) {
	bob := authn.AuthConfig{Username: "bob", Password: password}
	for sentence, test := range map[string]struct {
		credentials []authn.AuthConfig
		words       string
	}{
		"the right ones are accepted":               {[]authn.AuthConfig{alice()}, ""},
		"several are tried in order":                {[]authn.AuthConfig{bob, alice()}, ""},
		"without any, a pull secret is asked for":   {nil, "401 Unauthorized for app:1: no pull secret matches it; name one for"},
		"a wrong one is said to be refused":         {[]authn.AuthConfig{bob}, "the credentials of the pull secret that matches it are not accepted"},
		"all wrong are counted":                     {[]authn.AuthConfig{bob, bob}, "none of the 2 credentials"},
		"a token alone is no answer to a basic ask": {[]authn.AuthConfig{{IdentityToken: password}}, "not accepted"},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			f.tag(f.image(ws2022()))
			f.intercept(requireHeader(challengeBasic, basicHeader("alice")))
			_, err := f.client(t).Lookup(t.Context(), Query{Image: f.reference(t, ":1"), Credentials: test.credentials})
			if test.words == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantProblem(t, err, policy.ImageUnauthorized, test.words)
			if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "bob") {
				t.Errorf("the message gives credentials away: %s", err)
			}
		})
	}
}

func TestCredentialsAreNotSentToARegistryThatDoesNotAsk(t *testing.T) {
	f := newFake(t)
	f.tag(f.image(ws2022()))
	f.intercept(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusTeapot)
		}
	})
	if _, err := f.client(t).Lookup(t.Context(), Query{Image: f.reference(t, ":1"), Credentials: []authn.AuthConfig{alice()}}); err != nil {
		t.Error(err)
	}
}

func TestThePublicImageIsFoundAfterCredentialsAreRefused(t *testing.T) {
	f := newFake(t)
	f.tag(f.image(ws2022()))
	tokens := newTokenService(t, func(_ http.ResponseWriter, r *http.Request) (string, int) {
		if r.Header.Get("Authorization") != "" {
			return "", http.StatusUnauthorized
		}
		return "anonymous", http.StatusOK
	})
	f.intercept(requireHeader(func(w http.ResponseWriter) { challengeBearer(w, tokens.URL) }, "Bearer anonymous"))
	c := NewClient(Options{InsecureHosts: []string{f.host(), tokens.Listener.Addr().String()}})
	t.Cleanup(c.Close)
	if _, err := c.Lookup(t.Context(), Query{Image: f.reference(t, ":1"), Credentials: []authn.AuthConfig{alice()}}); err != nil {
		t.Error(err)
	}
}

func newTokenService(t *testing.T, answer func(http.ResponseWriter, *http.Request) (token string, code int)) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, code := answer(w, r)
		w.WriteHeader(code)
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"note":%q}`, token, password)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestTokens(t *testing.T) {
	for sentence, test := range map[string]struct {
		auth   authn.AuthConfig
		answer func(http.ResponseWriter, *http.Request) (string, int)
		reason policy.ImageProblemReason
	}{
		"a token is asked for anonymously, for this repository and for reading": {
			authn.AuthConfig{},
			func(_ http.ResponseWriter, r *http.Request) (string, int) {
				if r.FormValue("scope") != "repository:app:pull" || r.FormValue("service") != "registry" || r.Header.Get("Authorization") != "" {
					return "", http.StatusBadRequest
				}
				return "good", http.StatusOK
			}, "",
		},
		"a token is asked for with name and password": {
			alice(),
			func(_ http.ResponseWriter, r *http.Request) (string, int) {
				if r.Header.Get("Authorization") != basicHeader("alice") {
					return "", http.StatusUnauthorized
				}
				return "good", http.StatusOK
			}, "",
		},
		"an identity token is exchanged": {
			authn.AuthConfig{IdentityToken: password},
			func(_ http.ResponseWriter, r *http.Request) (string, int) {
				if r.Method != http.MethodPost || r.PostFormValue("refresh_token") != password || r.PostFormValue("grant_type") != "refresh_token" {
					return "", http.StatusBadRequest
				}
				return "good", http.StatusOK
			}, "",
		},
		"a registry token is used as it is": {
			authn.AuthConfig{RegistryToken: "good"},
			func(http.ResponseWriter, *http.Request) (string, int) { return "", http.StatusTeapot }, "",
		},
		"a token that the registry refuses is not asked for again": {
			alice(),
			func(http.ResponseWriter, *http.Request) (string, int) { return "bad", http.StatusOK }, policy.ImageUnauthorized,
		},
		"an answer without a token is malformed": {
			alice(),
			func(http.ResponseWriter, *http.Request) (string, int) { return "", http.StatusOK }, policy.ImageMalformed,
		},
		"a token service that is down is an outage": {
			alice(),
			func(http.ResponseWriter, *http.Request) (string, int) { return "", http.StatusBadGateway }, policy.ImageUnreachable,
		},
		"a token service that redirects to the metadata address is not followed": {
			alice(),
			func(w http.ResponseWriter, _ *http.Request) (string, int) {
				w.Header().Set("Location", "https://169.254.169.254/token")
				return "", http.StatusFound
			}, policy.ImageForbidden,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			f.tag(f.image(ws2022()))
			tokens := newTokenService(t, test.answer)
			f.intercept(requireHeader(func(w http.ResponseWriter) { challengeBearer(w, tokens.URL+"/token") }, "Bearer good"))
			c := NewClient(Options{InsecureHosts: []string{f.host(), tokens.Listener.Addr().String()}})
			t.Cleanup(c.Close)
			_, err := c.Lookup(t.Context(), Query{Image: f.reference(t, ":1"), Credentials: []authn.AuthConfig{test.auth}})
			if test.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantProblem(t, err, test.reason)
			if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "?") {
				t.Errorf("the message gives too much away: %s", err)
			}
		})
	}
}

func TestARegistryCannotNameAnyTokenService(t *testing.T) {
	for sentence, test := range map[string]struct {
		realm  string
		reason policy.ImageProblemReason
	}{
		"a metadata address":             {"https://169.254.169.254/latest/api/token", policy.ImageForbidden},
		"plain HTTP at an unlisted host": {"http://tokens.example.com/", policy.ImageForbidden},
		"another protocol":               {"file:///etc/passwd", policy.ImageMalformed},
		"a realm with credentials in it": {"https://user:pass@tokens.example.com/", policy.ImageMalformed},
		"no realm at all":                {"", policy.ImageMalformed},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			f.intercept(func(w http.ResponseWriter, _ *http.Request) { challengeBearer(w, test.realm) })
			_, err := f.client(t).Lookup(t.Context(), Query{Image: f.reference(t, ":1"), Credentials: []authn.AuthConfig{alice()}})
			wantProblem(t, err, test.reason)
		})
	}
}

func TestRedirects(t *testing.T) {
	for sentence, test := range map[string]struct {
		location string
		reason   policy.ImageProblemReason
		words    string
	}{
		"to the metadata address":             {"https://169.254.169.254/latest/meta-data", policy.ImageForbidden, "leads to 169.254.169.254"},
		"to the metadata address as a number": {"https://2852039166/", policy.ImageForbidden, "leads to 2852039166"},
		"to the metadata address in IPv6":     {"https://[fd00:ec2::254]/", policy.ImageForbidden, "leads to fd00:ec2::254"},
		"to plain HTTP at an unlisted host":   {"http://cdn.example.com/blob?token=hunter2", policy.ImageForbidden, "plain HTTP at cdn.example.com"},
		"to itself, for ever":                 {"/v2/app/manifests/1", policy.ImageMalformed, "redirects more than 5 times"},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			f.intercept(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, test.location, http.StatusTemporaryRedirect)
			})
			_, err := f.lookup(t)
			wantProblem(t, err, test.reason, test.words)
			if strings.Contains(err.Error(), password) {
				t.Errorf("the message quotes a URL: %s", err)
			}
		})
	}
}

func TestCredentialsDoNotFollowARedirectNorGoToWhoeverAsksThere(t *testing.T) {
	f := newFake(t)
	f.tag(f.image(ws2022()))
	// The same address with another port, where the standard client would still send the header.
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if header := r.Header.Get("Authorization"); header != "" {
			t.Errorf("the stranger was sent %q", header)
		}
		challengeBasic(w)
	}))
	t.Cleanup(stranger.Close)
	f.intercept(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != basicHeader("alice") {
			challengeBasic(w)
		} else if strings.Contains(r.URL.Path, "blobs") {
			http.Redirect(w, r, stranger.URL+"/blob", http.StatusTemporaryRedirect)
		}
	})
	c := NewClient(Options{InsecureHosts: []string{f.host(), stranger.Listener.Addr().String()}})
	t.Cleanup(c.Close)
	_, err := c.Lookup(t.Context(), Query{Image: f.reference(t, ":1"), Credentials: []authn.AuthConfig{alice()}})
	wantProblem(t, err, policy.ImageUnauthorized)
}

func TestABlobIsFollowedToAnotherHostWithoutCredentials(t *testing.T) {
	f := newFake(t)
	f.tag(f.image(ws2022()))
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the store was sent credentials")
		}
		_, _ = w.Write(f.documents[strings.TrimPrefix(r.URL.Path, "/v2/app/")].body)
	}))
	t.Cleanup(store.Close)
	f.intercept(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != basicHeader("alice") {
			challengeBasic(w)
		} else if strings.Contains(r.URL.Path, "blobs") {
			http.Redirect(w, r, store.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}
	})
	c := NewClient(Options{InsecureHosts: []string{f.host(), store.Listener.Addr().String()}})
	t.Cleanup(c.Close)
	got, err := c.Lookup(t.Context(), Query{Image: f.reference(t, ":1"), Credentials: []authn.AuthConfig{alice()}})
	if err != nil || got.Platforms[0].OSVersion != ws2022().OSVersion {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPlainHTTPIsSpokenOnlyToListedHosts(t *testing.T) {
	f := newFake(t)
	f.tag(f.image(ws2022()))
	c := NewClient(Options{})
	t.Cleanup(c.Close)
	_, err := c.Lookup(t.Context(), Query{Image: f.reference(t, ":1")})
	wantProblem(t, err, policy.ImageUnreachable, "speaks plain HTTP; list it as an insecure registry")
	if f.count("") != 0 {
		t.Error("a request was sent all the same")
	}
}

func TestAPrivateAuthorityMustBeGiven(t *testing.T) {
	f := newFake(t)
	f.tag(f.image(ws2022()))
	secure := httptest.NewTLSServer(f)
	t.Cleanup(secure.Close)
	image, err := reference.Parse(secure.Listener.Addr().String() + "/app:1")
	if err != nil {
		t.Fatal(err)
	}
	stranger := NewClient(Options{})
	t.Cleanup(stranger.Close)
	_, err = stranger.Lookup(t.Context(), Query{Image: image})
	wantProblem(t, err, policy.ImageUnreachable, "authority that is not trusted")

	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	c := NewClient(Options{RootCAs: pool})
	t.Cleanup(c.Close)
	if _, err := c.Lookup(t.Context(), Query{Image: image}); err != nil {
		t.Error(err)
	}
}

func TestDockerHubIsAskedAtItsAPI(t *testing.T) {
	image, err := reference.Parse("nginx")
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(Options{})
	t.Cleanup(c.Close)
	if s := c.newSession(c.newGuard(), Query{Image: image}, authn.AuthConfig{}); s.host != dockerHubAPI || s.scheme != "https" {
		t.Errorf("asked %s://%s", s.scheme, s.host)
	}
}
