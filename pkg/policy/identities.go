package policy

import (
	"unique"

	corev1 "k8s.io/api/core/v1"
)

// identityCardinality is the number of distinct values from which on a label is taken to identify nodes
// rather than to class them, as kubernetes.io/hostname does.
const identityCardinality = 64

// indexIdentities finds the labels that identify nodes, and indexes the nodes by them.
func (f *Fleet) indexIdentities(nodes []*fleetNode) {
	f.varying = identifyingLabels(nodes)
	f.identities = make(map[string]map[string][]*fleetNode, len(f.varying))
	for key := range f.varying {
		f.identities[key] = make(map[string][]*fleetNode, len(nodes))
	}
	for _, node := range nodes {
		for key := range f.varying {
			if value, ok := node.label(key); ok {
				f.identities[key][value] = append(f.identities[key][value], node)
			}
		}
	}
}

// identifyingLabels is the set of labels with many values. The hostname is one of them however few nodes there
// are, and the build never is.
func identifyingLabels(nodes []*fleetNode) map[string]struct{} {
	identifying := map[string]struct{}{corev1.LabelHostname: {}}
	seen := map[unique.Handle[Label]]struct{}{}
	values := map[string]int{}
	for _, node := range nodes {
		for _, label := range node.labels {
			if _, known := seen[label]; known {
				continue
			}
			seen[label] = struct{}{}
			key := label.Value().Key
			if values[key]++; values[key] >= identityCardinality && key != corev1.LabelWindowsBuild {
				identifying[key] = struct{}{}
			}
		}
	}
	return identifying
}
