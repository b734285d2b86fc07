package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maxTokenSize bounds what a token service may answer, in bytes.
const maxTokenSize = 64 << 10

// signIn finds the Authorization header that answers a registry's 401. used is the header that was refused.
func (s *session) signIn(ctx context.Context, refused *http.Response, used string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.authorization != used {
		return s.authorization, nil // A concurrent request signed in meanwhile.
	}
	if used != "" {
		return "", s.statusError(refused)
	}
	for _, offer := range parseChallenges(refused.Header.Values("WWW-Authenticate")) {
		var err error
		switch offer.scheme {
		case "bearer":
			s.authorization, err = s.bearer(ctx, offer)
		case "basic":
			s.authorization = s.basic()
		}
		if err != nil {
			return "", err
		}
		if s.authorization != "" {
			return s.authorization, nil
		}
	}
	return "", s.statusError(refused)
}

func (s *session) basic() string {
	if s.auth.Username == "" && s.auth.Password == "" {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(s.auth.Username+":"+s.auth.Password))
}

// bearer gets a token for reading this one repository; what else the registry might suggest to ask for is
// ignored. https://distribution.github.io/distribution/spec/auth/token/
func (s *session) bearer(ctx context.Context, offer challenge) (string, error) {
	if s.auth.RegistryToken != "" {
		return "Bearer " + s.auth.RegistryToken, nil
	}
	realm, err := url.Parse(offer.parameters["realm"])
	if err != nil || realm.Host == "" || realm.User != nil {
		return "", malformed("it names no usable token service to sign in with")
	}
	request, err := s.tokenRequest(ctx, realm, offer.parameters["service"])
	if err != nil {
		return "", err
	}
	response, err := s.guard.httpClient(realm.Host, s.basic()).Do(request)
	if err != nil {
		return "", err
	}
	defer closeBody(response)
	if response.StatusCode != http.StatusOK {
		return "", s.statusError(response)
	}
	body, err := readBounded(response, maxTokenSize)
	if err != nil {
		return "", err
	}
	return parseToken(body)
}

// tokenRequest asks with a name and a password, or anonymously; or exchanges an identity token, which takes
// a POST. https://distribution.github.io/distribution/spec/auth/oauth/
func (s *session) tokenRequest(ctx context.Context, realm *url.URL, service string) (*http.Request, error) {
	values := realm.Query()
	values.Set("scope", fmt.Sprintf("repository:%s:pull", s.image.Repository()))
	if service != "" {
		values.Set("service", service)
	}
	target := *realm
	if s.auth.IdentityToken == "" {
		target.RawQuery = values.Encode()
		return http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	}
	values.Set("grant_type", "refresh_token")
	values.Set("refresh_token", s.auth.IdentityToken)
	values.Set("client_id", s.guard.userAgent)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// A redirect must not carry the identity token to another host.
	request.GetBody = nil
	return request, nil
}

func parseToken(body []byte) (string, error) {
	var answer struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	err := json.Unmarshal(body, &answer)
	if answer.Token == "" {
		answer.Token = answer.AccessToken
	}
	if err != nil || answer.Token == "" || strings.ContainsAny(answer.Token, "\r\n") {
		return "", malformed("its token service answered with no token")
	}
	return "Bearer " + answer.Token, nil
}
