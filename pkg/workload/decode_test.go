package workload

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	k8sjson "sigs.k8s.io/json"
	"sigs.k8s.io/randfill"
)

// Kubernetes' types leave empty lists and maps out of their JSON, so that an API server never sends one. Where a
// pod in memory has one nevertheless, FromPod keeps it and its JSON does not.
var sameWhenEmpty = cmpopts.EquateEmpty()

// filler makes random API objects whose JSON can be read back.
func filler(seed int64) *randfill.Filler {
	return randfill.NewWithSeed(seed).NilChance(0.4).NumElements(0, 3).MaxDepth(12).Funcs(
		func(q *resource.Quantity, c randfill.Continue) {
			*q = *resource.NewQuantity(c.Int63n(1<<40), resource.DecimalSI)
		},
		func(f *metav1.FieldsV1, _ randfill.Continue) { f.SetRawString(`{"f:spec":{".":{},"f:containers":{}}}`) },
	)
}

func mustMarshal(t testing.TB, object any) []byte {
	t.Helper()
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatalf("encoding %T: %v", object, err)
	}
	return raw
}

// capturedPod is the pod of an admission review as an API server sent it.
func capturedPod(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../bench/testdata/admissionreview-pod-create.json")
	if err != nil {
		t.Fatal(err)
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(raw, &review); err != nil {
		t.Fatal(err)
	}
	return review.Request.Object.Raw
}

func TestDecodingAPodsJSONEqualsConvertingThePod(t *testing.T) {
	for seed := range int64(200) {
		pod := new(corev1.Pod)
		filler(seed).Fill(pod)

		decoded, err := Decode(mustMarshal(t, pod))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := cmp.Diff(FromPod(pod), decoded, sameWhenEmpty); diff != "" {
			t.Fatalf("seed %d: converted (-) and decoded (+) differ:\n%s", seed, diff)
		}
	}
}

func TestDecodingAnObjectFindsItsTemplate(t *testing.T) {
	template := corev1.PodTemplateSpec{}
	filler(1).Fill(&template)
	meta := metav1.ObjectMeta{Name: "storefront", Namespace: "shop", Labels: map[string]string{"tier": "web"}}

	tests := map[string]struct {
		kind   schema.GroupKind
		object any
		path   string
	}{
		"a PodTemplate at template": {
			schema.GroupKind{Kind: "PodTemplate"},
			corev1.PodTemplate{ObjectMeta: meta, Template: template}, "template",
		},
		"a ReplicationController at spec.template": {
			schema.GroupKind{Kind: "ReplicationController"},
			corev1.ReplicationController{ObjectMeta: meta, Spec: corev1.ReplicationControllerSpec{Template: &template}}, "spec.template",
		},
		"a DaemonSet at spec.template": {
			schema.GroupKind{Group: "apps", Kind: "DaemonSet"},
			appsv1.DaemonSet{ObjectMeta: meta, Spec: appsv1.DaemonSetSpec{Template: template}}, "spec.template",
		},
		"a Deployment at spec.template": {
			schema.GroupKind{Group: "apps", Kind: "Deployment"},
			appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Template: template}}, "spec.template",
		},
		"a ReplicaSet at spec.template": {
			schema.GroupKind{Group: "apps", Kind: "ReplicaSet"},
			appsv1.ReplicaSet{ObjectMeta: meta, Spec: appsv1.ReplicaSetSpec{Template: template}}, "spec.template",
		},
		"a StatefulSet at spec.template": {
			schema.GroupKind{Group: "apps", Kind: "StatefulSet"},
			appsv1.StatefulSet{ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{Template: template}}, "spec.template",
		},
		"a Job at spec.template": {
			schema.GroupKind{Group: "batch", Kind: "Job"},
			batchv1.Job{ObjectMeta: meta, Spec: batchv1.JobSpec{Template: template}}, "spec.template",
		},
		"a CronJob at spec.jobTemplate.spec.template": {
			schema.GroupKind{Group: "batch", Kind: "CronJob"},
			batchv1.CronJob{ObjectMeta: meta, Spec: batchv1.CronJobSpec{
				JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: template}},
			}}, "spec.jobTemplate.spec.template",
		},
		"a Pod as itself": {
			schema.GroupKind{Kind: "Pod"},
			corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}, "",
		},
	}
	tested := map[schema.GroupKind]bool{}
	for name, test := range tests {
		tested[test.kind] = true
		t.Run(name, func(t *testing.T) {
			got, err := DecodeObject(test.kind, mustMarshal(t, test.object))
			if err != nil {
				t.Fatal(err)
			}
			want := &Object{Kind: test.kind, Template: FromTemplate(&template), Path: test.path}
			want.Metadata = Metadata{Name: meta.Name, Namespace: meta.Namespace, Labels: meta.Labels}
			if test.path == "" {
				want.Metadata = want.Template.Metadata
			}
			if diff := cmp.Diff(want, got, sameWhenEmpty); diff != "" {
				t.Errorf("want (-), got (+):\n%s", diff)
			}
		})
	}
	for kind := range templatePaths {
		if !tested[kind] {
			t.Errorf("no test decodes a %s", kind)
		}
	}
}

func TestAFieldOfATemplateIsNamedWithinItsObject(t *testing.T) {
	path, _ := TemplatePath(schema.GroupKind{Group: "batch", Kind: "CronJob"})
	job := &Object{Path: path, Template: &Pod{Spec: PodSpec{Containers: []Container{{}}}}}
	for c := range job.Template.AllContainers {
		if got, want := job.Field(c.Field("image")), "spec.jobTemplate.spec.template.spec.containers[0].image"; got != want {
			t.Errorf("want %s, got %s", want, got)
		}
	}
	if got, want := (&Object{}).Field("spec.os"), "spec.os"; got != want {
		t.Errorf("of a pod: want %s, got %s", want, got)
	}
}

func TestObjectsWithoutATemplateHaveAnEmptyOne(t *testing.T) {
	for _, raw := range []string{`{}`, `{"spec":null}`, `{"spec":{}}`, `{"spec":{"template":null}}`, `{"metadata":null,"spec":{"template":{}}}`} {
		got, err := DecodeObject(schema.GroupKind{Group: "apps", Kind: "Deployment"}, []byte(raw))
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if diff := cmp.Diff(&Pod{}, got.Template); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", raw, diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"nothing":                         {``, "not a JSON object"},
		"null":                            {`null`, "not a JSON object"},
		"a list":                          {`[]`, "not a JSON object"},
		"half an object":                  {`{"spec":{`, "unexpected EOF"},
		"text after the object":           {`{} {}`, "after top-level value"},
		"a name that occurs twice":        {`{"spec":{"hostNetwork":false,"hostNetwork":true}}`, `duplicate object member name "hostNetwork"`},
		"text that is not UTF-8":          {"{\"metadata\":{\"name\":\"\xff\"}}", "invalid UTF-8"},
		"a field of another type":         {`{"spec":{"containers":[{"image":7}]}}`, `"/spec/containers/0/image"`},
		"a container that is no object":   {`{"spec":{"containers":["web"]}}`, `"/spec/containers/0"`},
		"nesting without end":             {`{"x":` + strings.Repeat(`[`, 1<<20), "exceeded max depth"},
		"nesting that does end, too deep": {`{"x":` + strings.Repeat(`{"x":`, 20000) + `1` + strings.Repeat(`}`, 20001), "exceeded max depth"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			pod, err := Decode([]byte(test.raw))
			if err == nil {
				t.Fatalf("accepted as %+v", pod)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("want an error that says %q, got %q", test.want, err)
			}
		})
	}
}

func TestDecodeObjectRefuses(t *testing.T) {
	deployment := schema.GroupKind{Group: "apps", Kind: "Deployment"}
	tests := map[string]struct {
		kind      schema.GroupKind
		raw, want string
	}{
		"a kind that makes no pods":         {schema.GroupKind{Kind: "Service"}, `{}`, "objects of kind Service make no pods"},
		"a kind of another group":           {schema.GroupKind{Group: "example.com", Kind: "Deployment"}, `{}`, "Deployment.example.com make no pods"},
		"null":                              {deployment, `null`, "not a JSON object"},
		"a specification that is no object": {deployment, `{"spec":[]}`, `within "/spec"`},
		"a template of another type":        {deployment, `{"spec":{"template":{"spec":{"nodeName":[]}}}}`, `"/spec/template/spec/nodeName"`},
		"a name that occurs twice":          {deployment, `{"spec":{},"spec":{}}`, "duplicate object member name"},
		"text after the object":             {deployment, `{}x`, "text after the object"},
		"half an object":                    {deployment, `{"spec":{"replicas":1`, "unexpected EOF"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			object, err := DecodeObject(test.kind, []byte(test.raw))
			if err == nil {
				t.Fatalf("accepted as %+v", object)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("want an error that says %q, got %q", test.want, err)
			}
		})
	}
}

func TestNamesAreMatchedCaseSensitivelyAndUnknownFieldsSkipped(t *testing.T) {
	got, err := Decode([]byte(`{"Spec":{"nodeName":"a"},"spec":{"nodename":"b","replicas":[{}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Pod{}, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestADecodedPodKeepsNoReferenceToItsJSON(t *testing.T) {
	pod := new(corev1.Pod)
	filler(7).Fill(pod)
	raw := mustMarshal(t, pod)
	decoded, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if diff := cmp.Diff(FromPod(pod), decoded, sameWhenEmpty); diff != "" {
		t.Errorf("changed with its JSON: want (-), got (+):\n%s", diff)
	}
}

// FuzzDecode holds Decode to what Kubernetes reads: where Kubernetes accepts a document, Decode either
// reads the same from it or refuses it for one of the reasons that it documents.
func FuzzDecode(f *testing.F) {
	f.Add(capturedPod(f))
	f.Add([]byte(`{"spec":{"os":null,"containers":[null,{"securityContext":{"windowsOptions":{"hostProcess":true},"privileged":null}}]}}`))
	f.Add([]byte(`{"spec":{"tolerations":[{"tolerationSeconds":3e2}],"securityContext":{"sysctls":[null],"fsGroup":0}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		decoded, err := Decode(raw)

		pod := new(corev1.Pod)
		if k8sjson.UnmarshalCaseSensitivePreserveInts(raw, pod) != nil {
			return
		}
		if err != nil {
			if syntax := new(jsontext.SyntacticError); !errors.As(err, &syntax) && !errors.Is(err, errNotAnObject) {
				t.Fatalf("Kubernetes reads this: %v", err)
			}
			return
		}
		if diff := cmp.Diff(FromPod(pod), decoded, sameWhenEmpty); diff != "" {
			t.Fatalf("Kubernetes (-) and Decode (+) differ:\n%s", diff)
		}
	})
}

func FuzzDecodeObject(f *testing.F) {
	f.Add([]byte(`{"metadata":{"name":"web"},"spec":{"template":{"spec":{"containers":[{"image":"a"}]}}}}`))
	f.Add([]byte(`{"spec":null}`))
	deployment := schema.GroupKind{Group: "apps", Kind: "Deployment"}
	f.Fuzz(func(t *testing.T, raw []byte) {
		decoded, err := DecodeObject(deployment, raw)

		object := new(appsv1.Deployment)
		if err != nil || k8sjson.UnmarshalCaseSensitivePreserveInts(raw, object) != nil {
			return
		}
		if diff := cmp.Diff(FromTemplate(&object.Spec.Template), decoded.Template, sameWhenEmpty); diff != "" {
			t.Fatalf("Kubernetes (-) and DecodeObject (+) differ:\n%s", diff)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	raw := capturedPod(b)
	decoders := map[string]func([]byte, *Pod) error{
		"encoding-json":    func(raw []byte, into *Pod) error { return json.Unmarshal(raw, into) },
		"sigs.k8s.io-json": func(raw []byte, into *Pod) error { return k8sjson.UnmarshalCaseSensitivePreserveInts(raw, into) },
		"ours":             func(raw []byte, into *Pod) error { decoded, err := Decode(raw); *into = *decoded; return err },
	}
	for name, decode := range decoders {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(raw, new(Pod)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
