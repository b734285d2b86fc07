package uninstall_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// snapshot is every object of a cluster, as it was written, by resource, namespace and name.
type snapshot map[string]string

// passing are resources whose objects come and go without anybody's doing: the heartbeat of a cluster, what it tells of
// itself, and certificate requests, which are looked at by themselves.
func passing() []schema.GroupResource {
	return []schema.GroupResource{
		{Resource: "events"}, {Group: "events.k8s.io", Resource: "events"}, {Group: "coordination.k8s.io", Resource: "leases"},
		{Resource: "componentstatuses"}, {Group: "certificates.k8s.io", Resource: "certificatesigningrequests"},
	}
}

// takeSnapshot reads everything that the API server serves. A group that it cannot tell about is an error.
func takeSnapshot(ctx context.Context) (snapshot, error) {
	// A client of its own, because one remembers which groups could not be asked about.
	client, err := discovery.NewDiscoveryClientForConfig(shared.cluster.RESTConfig())
	if err != nil {
		return nil, err
	}
	groups, err := discovery.ServerPreferredResources(client)
	if err != nil {
		return nil, err
	}
	all := snapshot{}
	for _, group := range groups {
		version, err := schema.ParseGroupVersion(group.GroupVersion)
		if err != nil {
			return nil, err
		}
		for i := range group.APIResources {
			resource := version.WithResource(group.APIResources[i].Name)
			if !slices.Contains(group.APIResources[i].Verbs, "list") || slices.Contains(passing(), resource.GroupResource()) {
				continue
			}
			if err := all.add(ctx, resource); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// add adds the objects of a resource.
func (s snapshot) add(ctx context.Context, resource schema.GroupVersionResource) error {
	list, err := shared.dynamic.Resource(resource).List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing %s: %w", resource.GroupResource(), err)
	}
	for i := range list.Items {
		object := &list.Items[i]
		text, err := json.MarshalIndent(written(object), "", " ")
		if err != nil {
			return err
		}
		s[strings.TrimPrefix(fmt.Sprintf("%s %s/%s", resource.GroupResource(), object.GetNamespace(), object.GetName()), "/")] = string(text)
	}
	return nil
}

// written is an object without what tells how often and by whom it was written, and without its status.
func written(object *unstructured.Unstructured) map[string]any {
	object.SetManagedFields(nil)
	object.SetResourceVersion("")
	object.SetGeneration(0)
	delete(object.Object, "status")
	// Kubernetes' node controller tells kubelets how long secrets may be kept, whenever it gets to it.
	annotations := object.GetAnnotations()
	delete(annotations, "node.alpha.kubernetes.io/ttl")
	object.SetAnnotations(annotations)
	return object.Object
}

// differences are those to another snapshot that was taken later, in words.
func (s snapshot) differences(later snapshot) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		switch now, there := later[name]; {
		case !there:
			found = append(found, name+" is gone")
		case now != s[name]:
			found = append(found, name+" has changed (-before +after):\n"+cmp.Diff(s[name], now))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(later)) {
		if _, there := s[name]; !there {
			found = append(found, name+" is left")
		}
	}
	return found
}

// settledSnapshot is taken once nothing has changed for a while: a cluster that has just started still makes what it is to
// have.
func settledSnapshot(t *testing.T) snapshot {
	t.Helper()
	const quiet = 5 // Looks in a row.
	var last snapshot
	same := 0
	until(t, "the cluster is at rest", func(ctx context.Context) error {
		now, err := takeSnapshot(ctx)
		if err != nil {
			return err
		}
		differences := last.differences(now)
		if last = now; len(differences) > 0 {
			same = 0
			return fmt.Errorf("since the last look: %s", strings.Join(differences, "; "))
		}
		if same++; same < quiet {
			return fmt.Errorf("it has not changed for %d looks", same)
		}
		return nil
	})
	return last
}

func TestDifferencesAreToldInWords(t *testing.T) {
	before := snapshot{"a /x": "1", "b /y": "1", "c /z": "1"}
	got := strings.Join(before.differences(snapshot{"a /x": "1", "c /z": "2", "d /w": "1"}), "\n")
	for _, want := range []string{"b /y is gone", "c /z has changed", "d /w is left"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "a /x") {
		t.Errorf("what is the same is told:\n%s", got)
	}
}
