package registry

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestParseChallenges(t *testing.T) {
	for sentence, test := range map[string]struct {
		header string
		want   []challenge
	}{
		"bearer":                        {`Bearer realm="https://a/t",service="s",scope="a:b:c,d"`, []challenge{{"bearer", map[string]string{"realm": "https://a/t", "service": "s", "scope": "a:b:c,d"}}}},
		"basic":                         {`Basic realm="registry"`, []challenge{{"basic", map[string]string{"realm": "registry"}}}},
		"two schemes in one header":     {`Negotiate, Basic realm="x y", charset=UTF-8`, []challenge{{"negotiate", map[string]string{}}, {"basic", map[string]string{"realm": "x y", "charset": "UTF-8"}}}},
		"white space around the equals": {"bearer Realm = \"a\" ,\tservice=b", []challenge{{"bearer", map[string]string{"realm": "a", "service": "b"}}}},
		"an escaped quote":              {`Basic realm="a\"b"`, []challenge{{"basic", map[string]string{"realm": `a"b`}}}},
		"nothing":                       {``, nil},
		"an open quote ends the list":   {`Basic a=b, realm="x`, []challenge{{"basic", map[string]string{"a": "b"}}}},
		"a parameter without a scheme":  {`realm="x"`, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := parseChallenges([]string{test.header})
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(challenge{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParseChallenges(f *testing.F) {
	for _, seed := range []string{`Bearer realm="a",b=c`, `Basic`, `,,=`, `a "\`, `Negotiate, Basic x="y"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, c := range parseChallenges([]string{header}) {
			if c.scheme == "" || c.parameters == nil {
				t.Errorf("incomplete challenge %v", c)
			}
		}
	})
}

func FuzzParseDocument(f *testing.F) {
	for _, seed := range []string{
		`{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:` +
			`0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":5,"platform":{"os":"windows","architecture":"amd64","os.version":"10.0.1"}}]}`,
		`{"schemaVersion":2,"config":{"digest":"sha256:00","size":1},"layers":[]}`,
		`{"schemaVersion":1,"fsLayers":[]}`, `{"manifests":null}`, `{"manifests":[null,{}]}`, `{}`, `null`, `[]`,
	} {
		f.Add([]byte(seed), "application/vnd.oci.image.index.v1+json")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		parsed, err := parseDocument(body, contentType, "sha256:0")
		if err != nil {
			return
		}
		if !parsed.index && len(parsed.entries) > 0 {
			t.Error("a single image with entries")
		}
		for _, entry := range parsed.entries {
			if !isImageEntry(entry) || needsConfig(entry.Platform) {
				continue
			}
			if facts, err := toPolicy(*entry.Platform, "sha256:0"); err == nil && facts.OS == "" {
				t.Errorf("facts without operating system from %s", body)
			}
		}
	})
}

func FuzzParseConfig(f *testing.F) {
	for _, seed := range []string{`{"os":"windows","architecture":"amd64","os.version":"10.0.20348.1","os.features":["win32k"]}`, `{"os":1}`, `null`, `{"os.features":[null]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		configured, err := parseConfig(body)
		if err != nil {
			return
		}
		facts, err := toPolicy(merge(v1.Platform{OS: "windows"}, configured), "sha256:0")
		if err != nil {
			return
		}
		if facts.OS != "windows" || len(facts.OSVersion) > maxFieldLength || len(facts.OSFeatures) > maxFeatures {
			t.Errorf("facts %+v", facts)
		}
	})
}
