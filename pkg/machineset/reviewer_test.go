package machineset_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/machineset"
)

// review asks about a new set, or where there is an old one, about its update.
func review(t *testing.T, set, old *unstructured.Unstructured) admission.Response {
	t.Helper()
	request := &admission.Request{
		Kind:      schema.GroupVersionKind{Group: "machine.openshift.io", Version: "v1beta1", Kind: "MachineSet"},
		Operation: admissionv1.Create, Object: encoded(t, set),
	}
	if old != nil {
		request.Operation, request.OldObject = admissionv1.Update, encoded(t, old)
	}
	response, err := machineset.Reviewer{}.Review(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestAGoodSetIsAllowed(t *testing.T) {
	if response := review(t, onAzure(), nil); !response.Allowed || response.Message != "" || response.Patch != nil {
		t.Errorf("got %+v", response)
	}
}

func TestASetIsRefusedWithEverythingThatIsWrong(t *testing.T) {
	response := review(t, onAzure(templateLabels(nil), provider("other", "userDataSecret", "name")), nil)
	want := admission.Response{
		Reason: metav1.StatusReasonInvalid, Code: 422,
		Message: labelPath + "Required value: " + labelFix + "; " + userDataPath + `Invalid value: "other": ` + userDataFix,
		Causes: []metav1.StatusCause{
			{Type: metav1.CauseTypeFieldValueRequired, Message: "Required value: " + labelFix, Field: "spec.template.metadata.labels[machine.openshift.io/os-id]"},
			{Type: metav1.CauseTypeFieldValueInvalid, Message: `Invalid value: "other": ` + userDataFix, Field: "spec.template.spec.providerSpec.value.userDataSecret.name"},
		},
	}
	if diff := cmp.Diff(want, response); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnUpdateIsRefusedForWhatItBringsAlone(t *testing.T) {
	old := onAzure(named("much-too-long"))
	if response := review(t, onAzure(named("much-too-long"), change(int64(5), "spec", "replicas")), old); !response.Allowed {
		t.Errorf("scaling is refused: %s", response.Message)
	}
	response := review(t, onAzure(named("much-too-long"), templateLabels(nil)), old)
	if response.Allowed || response.Message != labelPath+"Required value: "+labelFix {
		t.Errorf("got %+v", response)
	}
}

func TestANameThatIsToBeGeneratedIsNotJudged(t *testing.T) {
	if response := review(t, onAzure(change(nil, "metadata", "name"), change("windows-workers-", "metadata", "generateName")), nil); !response.Allowed {
		t.Errorf("got %+v", response)
	}
}

func TestAnObjectThatCannotBeReadIsABadRequest(t *testing.T) {
	good := encoded(t, onAzure(templateLabels(nil)))
	for sentence, request := range map[string]*admission.Request{
		"no JSON":            {Object: []byte("{")},
		"null":               {Object: []byte("null")},
		"a list":             {Object: []byte("[]")},
		"an old one of such": {Object: good, OldObject: []byte("null")},
	} {
		t.Run(sentence, func(t *testing.T) {
			request.Kind = schema.GroupVersionKind{Group: "machine.openshift.io", Version: "v1beta1", Kind: "MachineSet"}
			_, err := machineset.Reviewer{}.Review(t.Context(), request)
			if bad := (*admission.BadRequestError)(nil); !errors.As(err, &bad) {
				t.Errorf("got %v", err)
			}
		})
	}
}
