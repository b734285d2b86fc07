package image

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestAnImageComesBackFromRestAsItWas(t *testing.T) {
	for sentence, platforms := range map[string][]policy.Platform{
		"one platform":  {{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700", Digest: sum("a")}},
		"two alike":     {{OS: "linux", Architecture: "arm64", Digest: sum("a")}, {OS: "linux", Architecture: "arm64", Digest: sum("b")}},
		"with features": {{OS: "windows", OSFeatures: []string{"win32k", "other"}, Digest: sum("a")}, {OS: "linux", Digest: sum("b")}},
		"none":          {},
	} {
		t.Run(sentence, func(t *testing.T) {
			want := &policy.Image{Reference: "app", Digest: sum("index"), Index: true, Platforms: platforms, Stale: true}
			f, err := compact(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, f.expand("app", true)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestImagesForTheSamePlatformsShareTheirList(t *testing.T) {
	one, err := compact(windowsImage(sum("one"), "10.0.20348.2700"))
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]bool{"10.0.20348.2700": true, "10.0.26100.1": false} {
		other, err := compact(windowsImage(sum("other"), version))
		if err != nil {
			t.Fatal(err)
		}
		if got := one.platforms == other.platforms; got != want {
			t.Errorf("with another image for %s they share: %v", version, got)
		}
	}
}

func TestOnlyDigestsOfSHA256AreKept(t *testing.T) {
	for sentence, digest := range map[string]string{
		"another algorithm": "sha512:" + strings.Repeat("0", 128),
		"too short":         "sha256:" + strings.Repeat("0", 62),
		"too long":          "sha256:" + strings.Repeat("0", 66),
		"not hexadecimal":   "sha256:" + strings.Repeat("g", 64),
		"none":              "",
	} {
		t.Run(sentence, func(t *testing.T) {
			ofImage, ofPlatform := windowsImage(sum("app"), "10.0.20348.2700"), windowsImage(sum("app"), "10.0.20348.2700")
			ofImage.Digest, ofPlatform.Platforms[1].Digest = digest, digest
			for _, image := range []*policy.Image{ofImage, ofPlatform} {
				if f, err := compact(image); err == nil {
					t.Errorf("it is kept as %+v", f)
				}
			}
		})
	}
}
