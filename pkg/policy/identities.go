package policy

import corev1 "k8s.io/api/core/v1"

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
			if value, ok := node.Labels[key]; ok {
				f.identities[key][value] = append(f.identities[key][value], node)
			}
		}
	}
}

// identifyingLabels is the set of labels with many values. The hostname is one of them however few nodes there
// are, and the build never is.
func identifyingLabels(nodes []*fleetNode) map[string]struct{} {
	identifying := map[string]struct{}{corev1.LabelHostname: {}}
	values := map[string]map[string]struct{}{}
	for _, node := range nodes {
		for key, value := range node.Labels {
			if _, known := identifying[key]; known || key == corev1.LabelWindowsBuild {
				continue
			}
			seen := values[key]
			if seen == nil {
				seen = map[string]struct{}{}
				values[key] = seen
			}
			if seen[value] = struct{}{}; len(seen) >= identityCardinality {
				identifying[key] = struct{}{}
				delete(values, key)
			}
		}
	}
	return identifying
}
