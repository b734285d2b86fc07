package reference

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const pinned = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestParse(t *testing.T) {
	for sentence, test := range map[string]struct {
		raw       string
		canonical string
	}{
		"a bare name is an official image on Docker Hub, tag latest": {"nginx", "docker.io/library/nginx:latest"},
		"a user's image is on Docker Hub":                            {"someone/app:1", "docker.io/someone/app:1"},
		"docker.io and a bare name are the same":                     {"docker.io/nginx", "docker.io/library/nginx:latest"},
		"index.docker.io is docker.io":                               {"index.docker.io/library/nginx", "docker.io/library/nginx:latest"},
		"a missing tag is latest":                                    {"registry.example.com/app", "registry.example.com/app:latest"},
		"a port is not a tag":                                        {"registry.example.com:5000/app", "registry.example.com:5000/app:latest"},
		"a port and a tag":                                           {"registry.example.com:5000/app:1", "registry.example.com:5000/app:1"},
		"localhost is a host":                                        {"localhost/app", "localhost/app:latest"},
		"an IPv6 host is a host":                                     {"[fd00::1]:5000/app:1", "[fd00::1]:5000/app:1"},
		"a host is lower-cased":                                      {"Registry.Example.com/app:1", "registry.example.com/app:1"},
		"a tag keeps its case":                                       {"app:RC1", "docker.io/library/app:RC1"},
		"a digest":                                                   {"app@" + pinned, "docker.io/library/app@" + pinned},
		"of a tag and a digest the digest counts":                    {"app:1@" + pinned, "docker.io/library/app@" + pinned},
		"of a port, a tag and a digest the digest counts":            {"r.example.com:5000/a/b:1@" + pinned, "r.example.com:5000/a/b@" + pinned},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := Parse(test.raw)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.canonical, got.String()); diff != "" {
				t.Error(diff)
			}
			if want := !strings.Contains(test.raw, "@"); got.Floating() != want {
				t.Errorf("Floating() = %v, want %v", got.Floating(), want)
			}
			if got.Name()+got.suffix() != got.String() || got.Registry()+"/"+got.Short() != got.String() {
				t.Errorf("the parts %q, %q and %q do not make up %q", got.Registry(), got.Name(), got.Short(), got)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for sentence, test := range map[string]struct {
		raw  string
		want string
	}{
		"an empty reference":                             {"", "is empty"},
		"an upper-case repository":                       {"registry.example.com/App:1", "must be lower case"},
		"an upper-case official image":                   {"Nginx", "must be lower case"},
		"a capital letter that would make a path a host": {"Team/app", "must be lower case"},
		"white space":                                    {" nginx", "white space"},
		"a URL":                                          {"https://registry.example.com/app", "URL scheme"},
		"an empty tag":                                   {"nginx:", "invalid reference format"},
		"an empty path element":                          {"registry.example.com/a//b", "invalid reference format"},
		"a short digest":                                 {"nginx@sha256:abc", "invalid"},
		"a digest that is not sha256":                    {"nginx@sha512:" + strings.Repeat("ab", 64), "only sha256"},
		"sixty-four hexadecimal digits":                  {strings.TrimPrefix(pinned, "sha256:"), "64-byte hexadecimal"},
		"a name longer than 255":                         {strings.Repeat("a", 256) + "/b", "255"},
		"a tag longer than 128":                          {"nginx:" + strings.Repeat("a", 129), "invalid"},
		"a reference of three mebibytes":                 {strings.Repeat("a", 3<<20), "longer than 1024"},
		"control characters are quoted":                  {"nginx\x1b[31m", `\x1b`},
		"a port that is no number":                       {"registry.example.com:port/app", "invalid reference format"},
		"a query string in place of a tag":               {"nginx?token=1", "invalid reference format"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := Parse(test.raw)
			if err == nil {
				t.Fatalf("got %q, want an error", got)
			}
			if !strings.Contains(err.Error(), test.want) || len(err.Error()) > 2*maxLength {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"nginx", "a.b:1/c/d:e@" + pinned, "[::1]:5000/a", "A/b", "a@b@c", "::", "/", "a:5000/b:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		parsed, err := Parse(raw)
		if err != nil {
			return
		}
		again, err := Parse(parsed.String())
		if err != nil {
			t.Fatalf("canonical spelling %q of %q cannot be parsed: %v", parsed, raw, err)
		}
		if again != parsed {
			t.Errorf("%q reads as %q, and that as %q", raw, parsed, again)
		}
	})
}
