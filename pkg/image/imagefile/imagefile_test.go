package imagefile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/image/imagefile"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

const file = `images:
- reference: nginx
  platforms:
  - {os: linux, architecture: amd64}
- reference: example.com/app:1
  digest: ` + digest + `
  index: true
  platforms:
  - os: windows
    architecture: amd64
    osVersion: 10.0.20348.2700
    osFeatures: [win32k]
  runsOn: [10.0.20348]
- reference: example.com/lost:1
  problem: {reason: NotFound, message: there is no such image}
`

func TestAnImageIsFoundByWhatItsReferenceMeans(t *testing.T) {
	images, err := imagefile.Decode([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	app := func(spelling string) policy.ImageResult {
		return policy.ImageResult{Image: &policy.Image{
			Reference: spelling, Digest: digest, Index: true,
			Platforms: []policy.Platform{{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700", OSFeatures: []string{"win32k"}}},
		}}
	}
	for sentence, c := range map[string]struct {
		reference string
		want      policy.ImageResult
		found     bool
	}{
		"as it is spelled": {"example.com/app:1", app("example.com/app:1"), true},
		"in another spelling": {"docker.io/library/nginx:latest", policy.ImageResult{Image: &policy.Image{
			Reference: "docker.io/library/nginx:latest", Platforms: []policy.Platform{{OS: "linux", Architecture: "amd64"}},
		}}, true},
		"by its digest":              {"example.com/app@" + digest, app("example.com/app@" + digest), true},
		"by a tag and its digest":    {"example.com/app:2@" + digest, app("example.com/app:2@" + digest), true},
		"with its problem":           {"example.com/lost:1", policy.ImageResult{Problem: &policy.ImageProblem{Reason: "NotFound", Message: "there is no such image"}}, true},
		"another tag is not known":   {"example.com/app:2", policy.ImageResult{}, false},
		"another digest is not":      {"example.com/app:1@sha256:" + strings.Repeat("b", 64), policy.ImageResult{}, false},
		"another repository is not":  {"example.com/other@" + digest, policy.ImageResult{}, false},
		"what is no reference is so": {"A B", policy.ImageResult{Problem: &policy.ImageProblem{Reason: policy.ImageInvalidReference}}, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, found := images.Result(c.reference)
			if found != c.found {
				t.Fatalf("found: %v", found)
			}
			if c.reference == "A B" && got.Problem != nil {
				got.Problem.Message = "" // Package reference has its own tests.
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	images, err := imagefile.Decode([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, reference := range []string{"example.com/app:1", "example.com/lost:1"} {
		want, _ := images.Result(reference)
		text, err := yaml.Marshal(imagefile.File{Images: []imagefile.Image{imagefile.FromResult(reference, want)}})
		if err != nil {
			t.Fatal(err)
		}
		again, err := imagefile.Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := again.Result(reference)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestWhatIsWrongWithAFileIsSaid(t *testing.T) {
	for sentence, c := range map[string]struct{ text, want string }{
		"no YAML":                 {"images: [", "reading images: "},
		"an unknown field":        {"images: [{ref: a}]", `unknown field "ref"`},
		"no reference":            {"images: [{platforms: [{os: linux, architecture: amd64}]}]", "images[0]: "},
		"nothing about the image": {"images: [{reference: a}]", "images[0]: it has neither platforms nor a problem"},
		"half a platform":         {"images: [{reference: a, platforms: [{os: linux}]}]", "images[0]: platforms[0]: os and architecture are required"},
		"a version that is none":  {"images: [{reference: a, platforms: [{os: windows, architecture: amd64, osVersion: ltsc2022}]}]", "images[0]: platforms[0].osVersion: "},
		"a problem without words": {"images: [{reference: a, problem: {reason: NotFound}}]", "images[0]: a problem has a reason and a message"},
		"two digests":             {"images: [{reference: 'a@" + digest + "', digest: 'sha256:b', platforms: [{os: linux, architecture: amd64}]}]", "has another digest than sha256:b"},
		"an image twice": {
			"images: [{reference: a, problem: {reason: x, message: y}}, {reference: 'docker.io/library/a:latest', problem: {reason: x, message: y}}]",
			"images[1]: docker.io/library/a:latest is listed twice",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if _, err := imagefile.Decode([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(file), "nginx")
	f.Add([]byte(`{"images":[{"reference":"a","platforms":[{"os":"windows","architecture":"amd64","osVersion":"1.2.3"}]}]}`), "a@"+digest)
	f.Fuzz(func(t *testing.T, data []byte, reference string) {
		images, err := imagefile.Decode(data)
		if err != nil {
			return
		}
		if result, found := images.Result(reference); found && (result.Image == nil) == (result.Problem == nil) {
			t.Errorf("neither or both: %+v", result)
		}
	})
}
