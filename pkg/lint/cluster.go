package lint

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// ignoreLabel on a namespace keeps its pods from the webhook, as manifests/base/webhook has it.
const ignoreLabel = "mullion.dev/ignore"

// systemNamespace is the one whose pods the webhook is never shown.
const systemNamespace = "kube-system"

// cluster is what is assumed of the cluster that the manifests are for.
type cluster struct {
	classes    []policy.RuntimeClass
	namespaces map[string]map[string]string
	// otherLabels are the labels of namespaces that are not among the manifests.
	otherLabels map[string]string
}

// learn takes what an object says about the cluster, and tells whether it is of a kind that says something.
func (c *cluster) learn(object *manifest.Object) (bool, error) {
	switch object.Kind.GroupKind() {
	case schema.GroupKind{Kind: "Namespace"}:
		var namespace corev1.Namespace
		if err := json.Unmarshal(object.JSON, &namespace); err != nil {
			return true, fmt.Errorf("decoding Namespace: %w", err)
		}
		c.namespaces[namespace.Name] = namespace.Labels
		return true, nil
	case schema.GroupKind{Group: nodev1.GroupName, Kind: "RuntimeClass"}:
		var class nodev1.RuntimeClass
		if err := json.Unmarshal(object.JSON, &class); err != nil {
			return true, fmt.Errorf("decoding RuntimeClass: %w", err)
		}
		known := policy.FromRuntimeClass(&class)
		known.NodeSelector = knownLabels(known.NodeSelector)
		c.classes = append(c.classes, known)
		return true, nil
	default:
		return false, nil
	}
}

// namespaceLabels are the labels of a namespace.
func (c *cluster) namespaceLabels(name string) map[string]string {
	labels, given := c.namespaces[name]
	if !given {
		labels = c.otherLabels
	}
	labels = maps.Clone(labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[corev1.LabelMetadataName] = name // As the API server sets it.
	return labels
}

func exempt(name string, labels map[string]string) bool {
	return name == systemNamespace || labels[ignoreLabel] == "true"
}

// fleetOf is a fleet with a Ready node of every build. Where an image runs only on its very revision and the user
// names none, there is a node for each revision that an image wants.
func fleetOf(builds []policy.Version, images map[string]policy.ImageResult) *policy.Fleet {
	var nodes []policy.Node
	for _, build := range builds {
		versions := []policy.Version{build}
		if release, _ := policy.LookupRelease(build.Build); release.ExactRevision && build.Revision == 0 {
			versions = append(versions, revisionsOf(build.Build, images)...)
		}
		for _, version := range versions {
			nodes = append(nodes, policy.Node{
				Name:          version.String(),
				Ready:         true,
				KernelVersion: version.String(),
				Labels: map[string]string{
					corev1.LabelOSStable:      "windows",
					"beta.kubernetes.io/os":   "windows",
					corev1.LabelArchStable:    "amd64",
					"beta.kubernetes.io/arch": "amd64",
					corev1.LabelWindowsBuild:  version.Build.String(),
				},
			})
		}
	}
	return policy.CompileFleet(nodes)
}

// revisionsOf are the versions of a build that images are made for, in no particular order.
func revisionsOf(build policy.Build, images map[string]policy.ImageResult) []policy.Version {
	var versions []policy.Version
	for _, result := range images {
		if result.Image == nil {
			continue
		}
		for _, platform := range result.Image.Platforms {
			version, err := policy.ParseVersion(platform.OSVersion)
			if err == nil && version.Build == build && version.Revision != 0 && !slices.Contains(versions, version) {
				versions = append(versions, version)
			}
		}
	}
	return versions
}
