package images

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/image/imagefile"
)

// print writes what is known in the format that was asked for.
func (o *options) print(file *imagefile.File) error {
	switch o.format {
	case formatJSON:
		encoder := json.NewEncoder(o.streams.Out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(file)
	case formatYAML:
		text, err := yaml.Marshal(file)
		if err != nil {
			return err
		}
		_, err = o.streams.Out.Write(text)
		return err
	default:
		return o.printTable(file, o.format == formatWide)
	}
}

func (o *options) printTable(file *imagefile.File, wide bool) error {
	table := printers.GetNewTabWriter(o.streams.Out)
	fmt.Fprintln(table, "IMAGE\tDIGEST\tTYPE\tPLATFORMS\tRUNS ON")
	for i := range file.Images {
		image := &file.Images[i]
		if image.Problem != nil {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", image.Reference, none, none, none, "not known: "+string(image.Problem.Reason))
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", image.Reference, digestOf(image, wide), typeOf(image), platformsOf(image, wide), runsOnOf(image))
	}
	return table.Flush()
}

// none stands for what is not known, as in kubectl.
const none = "<none>"

// shownDigest is how much of a digest tells it from others for a person, with its prefix.
const shownDigest = len("sha256:") + 12

func digestOf(image *imagefile.Image, whole bool) string {
	switch {
	case image.Digest == "":
		return none
	case whole || len(image.Digest) <= shownDigest:
		return image.Digest
	default:
		return image.Digest[:shownDigest]
	}
}

func typeOf(image *imagefile.Image) string {
	if image.Index {
		return "index"
	}
	return "image"
}

// platformsOf are the platforms, each once, and with their Windows versions where there is room.
func platformsOf(image *imagefile.Image, wide bool) string {
	var platforms []string
	for _, p := range image.Platforms {
		text := p.OS + "/" + p.Architecture
		if wide && p.OSVersion != "" {
			text += " " + p.OSVersion
		}
		if !slices.Contains(platforms, text) {
			platforms = append(platforms, text)
		}
	}
	return strings.Join(platforms, ",")
}

func runsOnOf(image *imagefile.Image) string {
	switch {
	case len(image.RunsOn) == 0:
		return none
	case slices.ContainsFunc(image.Platforms, func(p imagefile.Platform) bool { return p.OS == "windows" && p.OSVersion == "" }):
		return "any, since it does not say its version"
	default:
		return strings.Join(image.RunsOn, ",")
	}
}
