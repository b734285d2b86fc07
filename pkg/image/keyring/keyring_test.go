package keyring

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/image/reference"
)

// config is a docker config with one user for each place, named as given.
func config(t *testing.T, userAt map[string]string) *Config {
	t.Helper()
	var auths []string
	for place, user := range userAt {
		auths = append(auths, fmt.Sprintf("%q:{%q:%q,%q:%q}", place, "username", user, "password", "secret-"+user))
	}
	parsed, err := ParseConfigJSON([]byte(`{"auths":{` + strings.Join(auths, ",") + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func parse(t *testing.T, raw string) reference.Reference {
	t.Helper()
	parsed, err := reference.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func users(match Match) []string {
	var names []string
	for _, auth := range match.Credentials {
		names = append(names, auth.Username)
	}
	return names
}

func TestMatch(t *testing.T) {
	for sentence, test := range map[string]struct {
		secrets []map[string]string
		image   string
		want    []string
	}{
		"a host matches its images":                       {[]map[string]string{{"r.example.com": "a"}}, "r.example.com/app", []string{"a"}},
		"another host does not":                           {[]map[string]string{{"r.example.com": "a"}}, "s.example.com/app", nil},
		"the longer path comes first":                     {[]map[string]string{{"r.example.com": "host", "r.example.com/team": "team", "r.example.com/team/app": "app"}}, "r.example.com/team/app:1", []string{"app", "team", "host"}},
		"another path does not match":                     {[]map[string]string{{"r.example.com/team": "team"}}, "r.example.com/other/app", nil},
		"a wildcard stands for one part of the host":      {[]map[string]string{{"*.example.com": "a"}}, "r.example.com/app", []string{"a"}},
		"a wildcard does not reach across a dot":          {[]map[string]string{{"*.example.com": "a"}}, "r.eu.example.com/app", nil},
		"a wildcard may be part of a part":                {[]map[string]string{{"prefix*.example.com": "a"}}, "prefix-eu.example.com/app", []string{"a"}},
		"a spelled-out host comes before a wildcard":      {[]map[string]string{{"*.example.com": "wild", "r.example.com": "host"}}, "r.example.com/app", []string{"host", "wild"}},
		"a broken wildcard matches nothing":               {[]map[string]string{{"[r.example.com": "a", "a[.example.com": "b"}}, "r.example.com/app", nil},
		"the ports must be equal":                         {[]map[string]string{{"r.example.com:5000": "a"}}, "r.example.com:5000/app", []string{"a"}},
		"a port does not match no port":                   {[]map[string]string{{"r.example.com:5000": "a"}}, "r.example.com/app", nil},
		"a URL's scheme is ignored":                       {[]map[string]string{{"http://r.example.com": "a"}}, "r.example.com/app", []string{"a"}},
		"the API root stands for the host":                {[]map[string]string{{"https://r.example.com/v2/": "a"}}, "r.example.com/app", []string{"a"}},
		"docker's own key for Docker Hub":                 {[]map[string]string{{"https://index.docker.io/v1/": "hub"}}, "nginx", []string{"hub"}},
		"docker.io is Docker Hub too":                     {[]map[string]string{{"docker.io": "hub"}}, "nginx", []string{"hub"}},
		"an upper-case host matches":                      {[]map[string]string{{"R.Example.com": "a"}}, "r.example.com/app", []string{"a"}},
		"one place in two secrets gives both, in order":   {[]map[string]string{{"r.example.com": "old"}, {"r.example.com": "new"}}, "r.example.com/app", []string{"old", "new"}},
		"the more specific of two secrets comes first":    {[]map[string]string{{"r.example.com": "host"}, {"r.example.com/team": "team"}}, "r.example.com/team/app", []string{"team", "host"}},
		"no secret gives no credentials":                  {nil, "r.example.com/app", nil},
		"an IPv6 registry matches with its port":          {[]map[string]string{{"[fd00::1]:5000": "a"}}, "[fd00::1]:5000/app", []string{"a"}},
		"a digest does not disturb the match":             {[]map[string]string{{"r.example.com/app": "a"}}, "r.example.com/app@sha256:" + strings.Repeat("0", 64), []string{"a"}},
		"credentials of a path do not fit its whole host": {[]map[string]string{{"https://r.example.com/team/": "team"}}, "r.example.com/team2/app", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			var configs []*Config
			for _, secret := range test.secrets {
				configs = append(configs, config(t, secret))
			}
			match := New(configs...).Match(parse(t, test.image))
			if diff := cmp.Diff(test.want, users(match)); diff != "" {
				t.Error(diff)
			}
			if anonymous := match.Fingerprint == (Fingerprint{}); anonymous != (test.want == nil) {
				t.Errorf("fingerprint %x for credentials of %q", match.Fingerprint, test.want)
			}
		})
	}
}

func TestParseReadsEveryKindOfCredential(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("user:pass:word"))
	for sentence, test := range map[string]struct {
		entry string
		want  string
	}{
		"user name and password":      {`{"username":"user","password":"pass:word"}`, "user pass:word  "},
		"base64 of both":              {`{"auth":"` + basic + `"}`, "user pass:word  "},
		"base64 without padding":      {`{"auth":"` + strings.TrimRight(basic, "=") + `"}`, "user pass:word  "},
		"auth wins over the two":      {`{"auth":"` + basic + `","username":"x","password":"y"}`, "user pass:word  "},
		"identity token":              {`{"identitytoken":"refresh"}`, "  refresh "},
		"registry token":              {`{"registrytoken":"bearer"}`, "   bearer"},
		"unknown fields are no error": {`{"username":"user","password":"p","email":"e@example.com"}`, "user p  "},
	} {
		t.Run(sentence, func(t *testing.T) {
			for format, read := range map[string]func() (*Config, error){
				"json": func() (*Config, error) {
					return ParseConfigJSON([]byte(`{"auths":{"r.example.com":` + test.entry + `}}`))
				},
				"legacy": func() (*Config, error) { return ParseConfig([]byte(`{"r.example.com":` + test.entry + `}`)) },
			} {
				parsed, err := read()
				if err != nil {
					t.Fatal(err)
				}
				auth := New(parsed).Match(parse(t, "r.example.com/app")).Credentials[0]
				got := strings.Join([]string{auth.Username, auth.Password, auth.IdentityToken, auth.RegistryToken}, " ")
				if got != test.want {
					t.Errorf("%s: got %q, want %q", format, got, test.want)
				}
			}
		})
	}
}

func TestParseRefusesWithoutQuotingWhatItRead(t *testing.T) {
	for sentence, data := range map[string]string{
		"an empty config":       ``,
		"no JSON":               `hunter2`,
		"a list":                `["hunter2"]`,
		"auths that is a text":  `{"auths":"hunter2"}`,
		"auth without base64":   `{"auths":{"r.example.com":{"auth":"hunter2!"}}}`,
		"auth without a colon":  `{"auths":{"r.example.com":{"auth":"` + base64.StdEncoding.EncodeToString([]byte("hunter2")) + `"}}}`,
		"a number for password": `{"auths":{"r.example.com":{"username":"hunter2","password":5}}}`,
		"two mebibytes":         `{"auths":{"hunter2` + strings.Repeat(" ", 2<<20) + `":{}}}`,
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := ParseConfigJSON([]byte(data))
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "hunter2") || len(err.Error()) > 200 {
				t.Errorf("error %q quotes the config", err)
			}
		})
	}
}

func TestFingerprintsTellCredentialsApart(t *testing.T) {
	image := parse(t, "r.example.com/app")
	old := New(config(t, map[string]string{"r.example.com": "old"}))
	same := New(config(t, map[string]string{"r.example.com": "old"}))
	rotated := New(config(t, map[string]string{"r.example.com": "new"}))
	more := New(config(t, map[string]string{"r.example.com": "old"}), config(t, map[string]string{"s.example.com": "x"}))

	if old.Match(image).Fingerprint != same.Match(image).Fingerprint || old.Fingerprint() != same.Fingerprint() {
		t.Error("equal credentials have different fingerprints")
	}
	if old.Match(image).Fingerprint == rotated.Match(image).Fingerprint || old.Fingerprint() == rotated.Fingerprint() {
		t.Error("rotated credentials have the old fingerprint")
	}
	if old.Match(image).Fingerprint != more.Match(image).Fingerprint {
		t.Error("a secret for another registry changes the fingerprint of the match")
	}
	if old.Fingerprint() == more.Fingerprint() {
		t.Error("a secret more does not change the ring's fingerprint")
	}
	var none *Keyring
	if none.Fingerprint() != (Fingerprint{}) || New().Fingerprint() != (Fingerprint{}) {
		t.Error("no credentials do not have the zero fingerprint")
	}
}

func TestNothingPrintsCredentials(t *testing.T) {
	parsed := config(t, map[string]string{"r.example.com": "user"})
	ring := New(parsed)
	match := ring.Match(parse(t, "r.example.com/app"))
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if printed := fmt.Sprintf(format+format+format, parsed, ring, match); strings.Contains(printed, "user") {
			t.Errorf("%s prints %s", format, printed)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, seed := range []string{
		`{"auths":{"r.example.com":{"auth":"dXNlcjpwYXNz"}}}`, `{"r.example.com/a":{"username":"u","password":"p"}}`,
		`{"auths":{"*.example.com:5000/x":{"identitytoken":"t"}}}`, `{"auths":null}`, `{"auths":{"%zz":{"auth":":"}}}`, `[]`,
	} {
		f.Add([]byte(seed), "r.example.com:5000/x/app")
	}
	f.Fuzz(func(t *testing.T, data []byte, raw string) {
		image, err := reference.Parse(raw)
		if err != nil {
			return
		}
		for _, read := range []func([]byte) (*Config, error){ParseConfig, ParseConfigJSON} {
			parsed, err := read(data)
			if err != nil {
				continue
			}
			match := New(parsed).Match(image)
			if (match.Fingerprint == Fingerprint{}) != (len(match.Credentials) == 0) {
				t.Errorf("%d credentials have fingerprint %x", len(match.Credentials), match.Fingerprint)
			}
		}
	})
}
