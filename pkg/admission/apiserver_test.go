package admission

import (
	"encoding/json"
	"errors"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
)

// What the user reads when a call has failed is what the API server's client makes of our answer. This is that
// client, set up as k8s.io/apiserver/pkg/util/webhook does.
func TestTheAPIServerHearsWhyACallFailed(t *testing.T) {
	sent := new(admissionv1.AdmissionReview)
	if err := json.Unmarshal(captured(t), sent); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		reviewer Reviewer
		sent     *admissionv1.AdmissionReview
		want     string
	}{
		"the reviewer's error": {
			answering(Allow(), errors.New("reading policies: not synced")), sent,
			"could not evaluate the request: reading policies: not synced",
		},
		"what is wrong with the review": {
			answering(Allow(), nil), &admissionv1.AdmissionReview{},
			"the AdmissionReview has no request",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := call(t, test.reviewer, test.sent, new(admissionv1.AdmissionReview))
			if err == nil || err.Error() != test.want {
				t.Errorf("want %q, got %v", test.want, err)
			}
		})
	}
}

func TestTheAPIServerReadsAVerdict(t *testing.T) {
	var sent, review admissionv1.AdmissionReview
	if err := json.Unmarshal(captured(t), &sent); err != nil {
		t.Fatal(err)
	}
	if err := call(t, answering(Deny("no build fits"), nil), &sent, &review); err != nil {
		t.Fatal(err)
	}
	if review.Response == nil || review.Response.Allowed || review.Response.Result.Message != "no build fits" {
		t.Errorf("read %+v", review.Response)
	}
}

func call(t *testing.T, reviewer Reviewer, sent, received runtime.Object) error {
	t.Helper()
	server := serve(t, NewHandler(reviewer, Options{}))
	scheme := runtime.NewScheme()
	if err := admissionv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	client, err := rest.UnversionedRESTClientFor(&rest.Config{
		Host:    server.URL,
		APIPath: "/mutate",
		ContentConfig: rest.ContentConfig{
			ContentType: runtime.ContentTypeJSON,
			NegotiatedSerializer: serializer.NegotiatedSerializerWrapper(runtime.SerializerInfo{
				Serializer: serializer.NewCodecFactory(scheme).LegacyCodec(admissionv1.SchemeGroupVersion),
			}),
		},
		Transport: server.Client().Transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client.Post().Body(sent).Do(t.Context()).Into(received)
}
