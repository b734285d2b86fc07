package policyapi

import (
	"k8s.io/apimachinery/pkg/runtime"
	apiopenapi "k8s.io/apiserver/pkg/endpoints/openapi"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"

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
	v3 := genericapiserver.DefaultOpenAPIV3Config(openapi.Definitions, namer)
	v3.Info = info
	return v2, v3
}
