package admission

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestTheCapturedReviewIsRead(t *testing.T) {
	got, err := decodeReview(captured(t))
	if err != nil {
		t.Fatal(err)
	}
	pod, err := got.Pod()
	if err != nil {
		t.Fatal(err)
	}
	if name := pod.DisplayName(); name != "storefront-5c65c7b78f-…" {
		t.Errorf("read another pod: %q", name)
	}
	if !strings.HasPrefix(string(got.Object), `{"kind":"Pod"`) || !strings.HasSuffix(string(got.Object), `"status":{}}`) {
		t.Errorf("the object is not the object: %s", got.Object)
	}
	if got.OldObject != nil {
		t.Errorf("a null object is no object, got %q", got.OldObject)
	}
	got.Object = nil
	want := &Request{
		UID:       "21ecc8f2-e484-4ff3-8a13-df2d400cb226",
		Kind:      schema.GroupVersionKind{Version: "v1", Kind: "Pod"},
		Resource:  schema.GroupVersionResource{Version: "v1", Resource: "pods"},
		Namespace: "default",
		Operation: admissionv1.Create,
		Username:  "system:serviceaccount:kube-system:replicaset-controller",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestBothObjectsOfAnUpdateAreRead(t *testing.T) {
	request, err := decodeReview([]byte(`{"request":{"dryRun":true,"oldObject": {"spec":{"nodeName":"old"}} ,"uid":"u1","operation":"UPDATE",
		"object":{"spec":{"nodeName":"new"}},"kind":{"kind":"Pod","version":"v1"},"subResource":"ephemeralcontainers","name":"web","namespace":"shop"},
		"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}`))
	if err != nil {
		t.Fatal(err)
	}
	pod, err := request.Pod()
	if err != nil {
		t.Fatal(err)
	}
	old, err := request.OldPod()
	if err != nil {
		t.Fatal(err)
	}
	if pod.Spec.NodeName != "new" || old.Spec.NodeName != "old" {
		t.Errorf("want new and old, got %q and %q", pod.Spec.NodeName, old.Spec.NodeName)
	}
	if pod.Metadata.Namespace != "shop" || old.Metadata.Namespace != "shop" {
		t.Errorf("want the request's namespace, got %q and %q", pod.Metadata.Namespace, old.Metadata.Namespace)
	}
	if !request.DryRun || request.SubResource != "ephemeralcontainers" || request.Name != "web" {
		t.Errorf("read %+v", request)
	}
}

func TestAWorkloadIsReadInTheRequestsNamespace(t *testing.T) {
	request := &Request{
		Kind:      schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"},
		Namespace: "shop",
		Object:    []byte(`{"metadata":{"name":"web"},"spec":{"template":{"spec":{"nodeName":"n"}}}}`),
	}
	got, err := request.Workload()
	if err != nil {
		t.Fatal(err)
	}
	if got.Metadata.Namespace != "shop" || got.Template.Metadata.Namespace != "shop" || got.Template.Spec.NodeName != "n" || got.Path != "spec.template" {
		t.Errorf("read %+v with template %+v", got, got.Template)
	}
}

func TestWhatIsNoPodIsABadRequest(t *testing.T) {
	pod := schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	tests := map[string]struct {
		request Request
		says    string
	}{
		"a Deployment":                          {Request{Kind: schema.GroupVersionKind{Group: "apps", Kind: "Deployment"}, Object: []byte(`{}`)}, "a Deployment.apps is no pod"},
		"a Pod of other people":                 {Request{Kind: schema.GroupVersionKind{Group: "example.com", Kind: "Pod"}, Object: []byte(`{}`)}, "a Pod.example.com is no pod"},
		"no object":                             {Request{Kind: pod}, "not a JSON object"},
		"a list":                                {Request{Kind: pod, Object: []byte(`[]`)}, "not a JSON object"},
		"a pod with a list for a specification": {Request{Kind: pod, Object: []byte(`{"spec":[]}`)}, `"/spec"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := test.request.Pod()
			if bad := (*BadRequestError)(nil); !errors.As(err, &bad) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("want a bad request that says %q, got %v", test.says, err)
			}
		})
	}
}

func TestPointersAreEscaped(t *testing.T) {
	tests := map[string]struct {
		path []string
		want string
	}{
		"the whole document is the empty pointer": {nil, ""},
		"names are joined by slashes":             {[]string{"spec", "tolerations", "-"}, "/spec/tolerations/-"},
		"a slash in a name is ~1":                 {[]string{"spec", "nodeSelector", "kubernetes.io/os"}, "/spec/nodeSelector/kubernetes.io~1os"},
		"a tilde in a name is ~0":                 {[]string{"a~1b", "~/"}, "/a~01b/~0~1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Pointer(test.path...); got != test.want {
				t.Errorf("want %q, got %q", test.want, got)
			}
		})
	}
}
