package commandtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Collection is the objects of one resource.
type Collection struct {
	apiVersion, kind string
	entries          []entry
}

type entry struct {
	namespace, name, node string
	raw                   json.RawMessage
}

// listDocument is a page of a list.
type listDocument struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []json.RawMessage `json:"items"`
}

// ServeCollection answers requests for the objects of a resource: one by one, or all of them or those of a namespace,
// in pages and, for pods, of one node. The prefix is the path of the group and version, such as /api/v1, and the kind
// that of a list.
func (a *API) ServeCollection(t testing.TB, prefix, resource, listKind string, objects ...client.Object) {
	t.Helper()
	version := strings.TrimPrefix(strings.TrimPrefix(prefix, "/apis/"), "/api/")
	if listKind == "PartialObjectMetadataList" {
		version = "meta.k8s.io/v1"
	}
	c := &Collection{apiVersion: version, kind: listKind}
	for _, object := range objects {
		raw, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		e := entry{namespace: object.GetNamespace(), name: object.GetName(), raw: raw}
		if pod, ok := object.(*corev1.Pod); ok {
			e.node = pod.Spec.NodeName
		}
		c.entries = append(c.entries, e)
	}
	a.Handle("GET "+prefix+"/"+resource, c.list)
	a.Handle("GET "+prefix+"/namespaces/{namespace}/"+resource, c.list)
	a.Handle("GET "+prefix+"/namespaces/{namespace}/"+resource+"/{name}", c.get)
}

func (c *Collection) get(w http.ResponseWriter, r *http.Request) {
	i := slices.IndexFunc(c.entries, func(e entry) bool {
		return e.namespace == r.PathValue("namespace") && e.name == r.PathValue("name")
	})
	if i < 0 {
		Refuse(w, http.StatusNotFound, metav1.StatusReasonNotFound, "there is no "+r.PathValue("name"))
		return
	}
	w.Header().Set("Content-Type", runtime.ContentTypeJSON)
	_, _ = w.Write(c.entries[i].raw) // Nobody reads any more if it fails.
}

func (c *Collection) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	namespace := r.PathValue("namespace")
	var node string
	for term := range strings.SplitSeq(query.Get("fieldSelector"), ",") {
		if name, found := strings.CutPrefix(term, "spec.nodeName="); found {
			node = name
		}
	}
	limit, _ := strconv.Atoi(query.Get("limit"))
	first, _ := strconv.Atoi(query.Get("continue"))
	page := listDocument{TypeMeta: metav1.TypeMeta{APIVersion: c.apiVersion, Kind: c.kind}, Items: []json.RawMessage{}}
	for i := first; i < len(c.entries); i++ {
		if limit > 0 && len(page.Items) == limit {
			page.Continue = strconv.Itoa(i)
			break
		}
		if e := &c.entries[i]; (namespace == "" || e.namespace == namespace) && (node == "" || e.node == node) {
			page.Items = append(page.Items, e.raw)
		}
	}
	Write(w, http.StatusOK, &page)
}
