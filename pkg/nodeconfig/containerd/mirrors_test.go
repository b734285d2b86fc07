package containerd_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/containerd"
)

func mirror(source string, locations ...string) v1alpha1.RegistryMirror {
	m := v1alpha1.RegistryMirror{Source: source}
	for _, location := range locations {
		m.Mirrors = append(m.Mirrors, v1alpha1.MirrorEndpoint{Location: location})
	}
	return m
}

func trusting(m v1alpha1.RegistryMirror) v1alpha1.RegistryMirror {
	m.Pull = v1alpha1.MirrorPullDigestsAndTags
	return m
}

func disconnected(m v1alpha1.RegistryMirror) v1alpha1.RegistryMirror {
	m.Fallback = v1alpha1.MirrorFallbackNever
	return m
}

func render(t *testing.T, mirrors ...v1alpha1.RegistryMirror) map[string]string {
	t.Helper()
	registries, problems := containerd.Mirrors(mirrors, field.NewPath("mirrors"))
	if problems != nil {
		t.Fatal(problems)
	}
	files := map[string]string{}
	for _, registry := range registries {
		for _, file := range registry.Files {
			files[registry.Directory+"/"+file.Name] = string(file.Content)
		}
	}
	return files
}

func TestMirrorsAreWhatContainerdReads(t *testing.T) {
	for sentence, c := range map[string]struct {
		mirrors []v1alpha1.RegistryMirror
		want    map[string]string
	}{
		"a registry has a mirror": {
			[]v1alpha1.RegistryMirror{mirror("quay.io", "mirror.example.com")},
			map[string]string{"quay.io/hosts.toml": "[host.\"https://mirror.example.com\"]\ncapabilities = [\"pull\"]\n"},
		},
		"a mirror may be trusted to say what tags mean": {
			[]v1alpha1.RegistryMirror{trusting(mirror("quay.io", "mirror.example.com"))},
			map[string]string{"quay.io/hosts.toml": "[host.\"https://mirror.example.com\"]\ncapabilities = [\"pull\", \"resolve\"]\n"},
		},
		"a port is written as a directory of Windows can be called": {
			[]v1alpha1.RegistryMirror{mirror("registry.example.com:5000", "mirror.example.com:8443")},
			map[string]string{"registry.example.com_5000_/hosts.toml": "[host.\"https://mirror.example.com:8443\"]\ncapabilities = [\"pull\"]\n"},
		},
		"a path of the mirror is the path of its API": {
			[]v1alpha1.RegistryMirror{mirror("quay.io", "mirror.example.com/cache/quay")},
			map[string]string{"quay.io/hosts.toml": "[host.\"https://mirror.example.com/v2/cache/quay\"]\ncapabilities = [\"pull\"]\noverride_path = true\n"},
		},
		"what is before a repository is the path of the API": {
			[]v1alpha1.RegistryMirror{mirror("quay.io/team/app", "mirror.example.com/cache/team/app", "other.example.com/team/app")},
			map[string]string{"quay.io/hosts.toml": "[host.\"https://mirror.example.com/v2/cache\"]\ncapabilities = [\"pull\"]\noverride_path = true\n\n" +
				"[host.\"https://other.example.com\"]\ncapabilities = [\"pull\"]\n"},
		},
		"a disconnected registry is replaced by its last mirror": {
			[]v1alpha1.RegistryMirror{disconnected(trusting(mirror("quay.io", "one.example.com", "two.example.com")))},
			map[string]string{"quay.io/hosts.toml": "server = \"https://two.example.com\"\ncapabilities = [\"pull\", \"resolve\"]\n\n" +
				"[host.\"https://one.example.com\"]\ncapabilities = [\"pull\", \"resolve\"]\n"},
		},
		"a mirror of two sources is told once, with what either allows": {
			[]v1alpha1.RegistryMirror{
				disconnected(trusting(mirror("quay.io", "mirror.example.com"))),
				mirror("quay.io/team", "mirror.example.com/team", "other.example.com/team"),
			},
			map[string]string{"quay.io/hosts.toml": "server = \"https://mirror.example.com\"\ncapabilities = [\"pull\", \"resolve\"]\n\n" +
				"[host.\"https://other.example.com\"]\ncapabilities = [\"pull\"]\n"},
		},
		"hosts do not differ by case": {
			[]v1alpha1.RegistryMirror{mirror("Quay.io", "a.example.com"), mirror("quay.io/team", "b.example.com/team")},
			map[string]string{"quay.io/hosts.toml": "[host.\"https://b.example.com\"]\ncapabilities = [\"pull\"]\n\n" +
				"[host.\"https://a.example.com\"]\ncapabilities = [\"pull\"]\n"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := render(t, c.mirrors...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			for name, content := range got {
				var tree map[string]any
				if err := toml.Unmarshal([]byte(content), &tree); err != nil {
					t.Errorf("%s is no TOML: %v", name, err)
				}
			}
		})
	}
}

func TestTheOrderOfSourcesDoesNotMatter(t *testing.T) {
	one, two, three := mirror("quay.io", "a.example.com"), mirror("quay.io/x", "b.example.com/x"), mirror("ghcr.io", "c.example.com")
	if diff := cmp.Diff(render(t, one, two, three), render(t, three, two, one)); diff != "" {
		t.Errorf("another order renders (-one +other):\n%s", diff)
	}
}

func TestWhatContainerdCannotDoIsRefusedWithTheReason(t *testing.T) {
	insecure := func(m v1alpha1.RegistryMirror, authority string) v1alpha1.RegistryMirror {
		m.Mirrors[0].CertificateAuthority = authority
		return m
	}
	for want, mirrors := range map[string][]v1alpha1.RegistryMirror{
		`mirrors[0].pull: Invalid value: "DigestsAndTags": containerd cannot limit a mirror to quay.io/team: it would also say what the tags of every other repository of quay.io mean; use Digests, or the source quay.io`: {
			trusting(mirror("quay.io/team", "mirror.example.com/team")),
		},
		`mirrors[0].fallback: Invalid value: "Never": containerd cannot limit a mirror to quay.io/team: every other repository of quay.io would be cut off; use Source, or the source quay.io`: {
			disconnected(mirror("quay.io/team", "mirror.example.com/team")),
		},
		`mirrors[0].mirrors[0].location: Invalid value: "mirror.example.com/other": has to end with /team: containerd appends the whole repository to the mirror's address and cannot rename it`: {
			mirror("quay.io/team", "mirror.example.com/other"),
		},
		`mirrors[0].mirrors[0].location: Invalid value: "mirror.example.com/myteam": has to end with /team: containerd appends the whole repository to the mirror's address and cannot rename it`: {
			mirror("quay.io/team", "mirror.example.com/myteam"),
		},
		`mirrors[0].mirrors: Required value: a source needs a mirror`: {mirror("quay.io")},
		`mirrors[0].source: Invalid value: "quay.io/\"]\nserver=": is not a registry, such as quay.io, nor repositories in it, such as quay.io/team`: {
			mirror("quay.io/\"]\nserver=", "mirror.example.com"),
		},
		`mirrors[0].mirrors[0].location: Invalid value: "http://mirror": is not a host, nor a path on it, such as mirror.example.com/cache`: {
			mirror("quay.io", "http://mirror"),
		},
		`mirrors[0].mirrors[0].location: Invalid value: "https://mirror.example.com": has a certificateAuthority that is not PEM of certificates`: {
			insecure(mirror("quay.io", "mirror.example.com"), "none"),
		},
		`mirrors[1].mirrors[0].location: Invalid value: "https://mirror.example.com": is a mirror of the same registry with another certificateAuthority`: {
			mirror("quay.io/team", "mirror.example.com/team"),
			insecure(mirror("quay.io", "mirror.example.com"), "other"),
		},
	} {
		t.Run(want, func(t *testing.T) {
			_, problems := containerd.Mirrors(mirrors, field.NewPath("mirrors"))
			if len(problems) != 1 || problems[0].Error() != want {
				t.Errorf("got %v", problems)
			}
		})
	}
}

// FuzzMirrors shows that no name can say anything in hosts.toml but itself.
func FuzzMirrors(f *testing.F) {
	f.Add("quay.io", "mirror.example.com/x", true, false)
	f.Add("quay.io/team", "mirror.example.com:5000/a/team", false, false)
	f.Add("a\"]\n", "b\\", true, true)
	f.Fuzz(func(t *testing.T, source, location string, tags, never bool) {
		m := mirror(source, location)
		if tags {
			m = trusting(m)
		}
		if never {
			m = disconnected(m)
		}
		registries, problems := containerd.Mirrors([]v1alpha1.RegistryMirror{m}, field.NewPath("mirrors"))
		if problems != nil {
			return
		}
		if strings.ContainsAny(registries[0].Directory, `/\:`) {
			t.Errorf("directory %q", registries[0].Directory)
		}
		var tree struct {
			Server       string         `toml:"server"`
			Host         map[string]any `toml:"host"`
			Capabilities []string       `toml:"capabilities"`
			OverridePath bool           `toml:"override_path"`
		}
		decoder := toml.NewDecoder(strings.NewReader(string(registries[0].Files[0].Content))).DisallowUnknownFields()
		if err := decoder.Decode(&tree); err != nil {
			t.Fatal(err)
		}
		hosts := len(tree.Host)
		if tree.Server != "" {
			hosts++
		}
		if hosts != 1 {
			t.Error(fmt.Sprint(tree))
		}
	})
}
