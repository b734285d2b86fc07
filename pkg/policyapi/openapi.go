package policyapi

import (
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	apiopenapi "k8s.io/apiserver/pkg/endpoints/openapi"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/spec3"
	"k8s.io/kube-openapi/pkg/validation/spec"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policyapi/openapi"
	"github.com/mullion-dev/mullion/pkg/version"
)

// openAPIConfigs describe the API in both versions of OpenAPI. The API server merges what they say into its own
// documents, which is where kubectl explain and the validation of clients find it.
func openAPIConfigs(scheme *runtime.Scheme) (*common.Config, *common.OpenAPIV3Config) {
	info := &spec.Info{InfoProps: spec.InfoProps{Title: "Mullion policy API", Version: version.Get().Version}}
	namer := apiopenapi.NewDefinitionNamer(scheme)
	v2 := genericapiserver.DefaultOpenAPIConfig(openapi.Definitions, namer)
	v2.Info = info
	v2.PostProcessSpec = func(document *spec.Swagger) (*spec.Swagger, error) {
		for path, item := range document.Paths.Paths {
			if strings.HasSuffix(path, "/"+resource) {
				item.Patch = patchV2()
				document.Paths.Paths[path] = item
			}
		}
		return document, nil
	}
	v3 := genericapiserver.DefaultOpenAPIV3Config(openapi.Definitions, namer)
	v3.Info = info
	v3.PostProcessSpec = func(document *spec3.OpenAPI) (*spec3.OpenAPI, error) {
		for path, item := range document.Paths.Paths {
			if strings.HasSuffix(path, "/"+resource) {
				item.Patch = patchV3()
			}
		}
		return document, nil
	}
	return v2, v3
}

// A review cannot be changed, and the API says so in both documents. It has to say something: kubectl looks at the
// PATCH of a kind, whatever the verb, for whether the server itself finds mistakes in fields. Where there is none it
// looks for a CRD, and fails for everybody who may not list CRDs.
//
// Source: k8s.io/cli-runtime/pkg/resource/query_param_verifier_v3.go.
const (
	patchID           = "refuseNamespacedPlacementReviewPatch"
	patchDescription  = "Not allowed: a review is answered when it is created."
	notAllowed        = http.StatusMethodNotAllowed
	validationMeaning = "fieldValidation tells what is done about fields that are not known."
)

// kindExtension names the kind that an operation is about.
func kindExtension() spec.Extensions {
	gvk := placementv1alpha1.SchemeGroupVersion.WithKind(kind)
	return spec.Extensions{"x-kubernetes-group-version-kind": map[string]any{
		"group": gvk.Group, "version": gvk.Version, "kind": gvk.Kind,
	}}
}

func patchV2() *spec.Operation {
	return &spec.Operation{
		VendorExtensible: spec.VendorExtensible{Extensions: kindExtension()},
		OperationProps: spec.OperationProps{
			ID:          patchID,
			Description: patchDescription,
			Parameters: []spec.Parameter{{
				ParamProps:   spec.ParamProps{Name: "fieldValidation", In: "query", Description: validationMeaning},
				SimpleSchema: spec.SimpleSchema{Type: "string"},
			}},
			Responses: &spec.Responses{ResponsesProps: spec.ResponsesProps{StatusCodeResponses: map[int]spec.Response{
				notAllowed: {ResponseProps: spec.ResponseProps{Description: patchDescription}},
			}}},
		},
	}
}

func patchV3() *spec3.Operation {
	return &spec3.Operation{
		VendorExtensible: spec.VendorExtensible{Extensions: kindExtension()},
		OperationProps: spec3.OperationProps{
			OperationId: patchID,
			Description: patchDescription,
			Parameters: []*spec3.Parameter{{ParameterProps: spec3.ParameterProps{
				Name: "fieldValidation", In: "query", Description: validationMeaning, Schema: spec.StringProperty(),
			}}},
			Responses: &spec3.Responses{ResponsesProps: spec3.ResponsesProps{StatusCodeResponses: map[int]*spec3.Response{
				notAllowed: {ResponseProps: spec3.ResponseProps{Description: patchDescription}},
			}}},
		},
	}
}
