package cabundle

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// operation is one of RFC 6902. A []byte value becomes base64, as the API has it.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// patchOf is a JSON patch that sets the caBundles and nothing else. It applies only to the version of the
// object that was read: what to keep of a caBundle was decided by looking at it, and its place in the list
// of webhooks is part of the path.
func patchOf(resourceVersion string, endpoints []endpoint) (client.Patch, error) {
	operations := []operation{{Op: "test", Path: "/metadata/resourceVersion", Value: resourceVersion}}
	for _, e := range endpoints {
		operations = append(operations, operation{Op: "add", Path: e.pointer, Value: e.bundle})
	}
	data, err := json.Marshal(operations)
	if err != nil {
		return nil, err
	}
	return client.RawPatch(types.JSONPatchType, data), nil
}
