package oci

import (
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/mullion-dev/mullion/pkg/bundle"
)

func TestAManifestListsWhatTheRegistryHas(t *testing.T) {
	digest := strings.Repeat("ab", 32)
	files := []bundle.File{{Path: "a", Size: 3, SHA256: digest}}
	same := v1.Descriptor{MediaType: FileMediaType, Size: 3, Digest: v1.Hash{Algorithm: "sha256", Hex: digest}}
	other := func(change func(d *v1.Descriptor)) []v1.Descriptor {
		d := same
		change(&d)
		return []v1.Descriptor{d}
	}
	for sentence, c := range map[string]struct {
		layers []v1.Descriptor
		want   string
	}{
		"the same is right":             {[]v1.Descriptor{same}, ""},
		"a layer too many is not":       {[]v1.Descriptor{same, same}, "it has 2 layers for 1 files"},
		"another digest is not":         {other(func(d *v1.Descriptor) { d.Digest.Hex = strings.Repeat("cd", 32) }), "file a is not what layer 0 has"},
		"another size is not":           {other(func(d *v1.Descriptor) { d.Size = 4 }), "file a is not what layer 0 has"},
		"another kind of layer is not":  {other(func(d *v1.Descriptor) { d.MediaType = "x" }), "file a is not what layer 0 has"},
		"another kind of digest is not": {other(func(d *v1.Descriptor) { d.Digest.Algorithm = "md5" }), "file a is not what layer 0 has"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := ""
			if err := compare(files, c.layers); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
