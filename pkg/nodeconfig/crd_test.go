package nodeconfig_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// server is what an API server does with an object before it stores it, by the CRD that is shipped.
type server struct {
	structural *schema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

func newServer(t *testing.T) *server {
	t.Helper()
	raw, err := os.ReadFile("../../manifests/base/crds/mullion.dev_windowsnodeconfigs.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(raw, &crd); err != nil {
		t.Fatal(err)
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, &internal, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := schema.NewStructural(&internal)
	if err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		t.Fatal(err)
	}
	return &server{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
}

// admit defaults an object and returns what is wrong with it.
func (s *server) admit(t *testing.T, object map[string]any) field.ErrorList {
	t.Helper()
	defaulting.Default(object, s.structural)
	problems := validation.ValidateCustomResource(nil, object, s.schema)
	rules, _ := s.rules.Validate(t.Context(), nil, s.structural, object, nil, celconfig.RuntimeCELCostBudget)
	return append(problems, rules...)
}

func object(t *testing.T, name string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := yaml.Unmarshal(read(t, name, "config.yaml"), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestWhatIsTestedIsAcceptedByAPIServers(t *testing.T) {
	s := newServer(t)
	configurations, err := filepath.Glob("testdata/*/config.yaml")
	if err != nil || len(configurations) < 5 {
		t.Fatal(configurations, err)
	}
	for _, path := range configurations {
		if problems := s.admit(t, object(t, filepath.Base(filepath.Dir(path)))); problems != nil {
			t.Errorf("%s: %v", path, problems)
		}
	}
}

func TestEverySampleOfAConfigurationIsAccepted(t *testing.T) {
	s := newServer(t)
	samples, err := filepath.Glob("../../manifests/samples/nodes/*.yaml")
	if err != nil || len(samples) == 0 {
		t.Fatal(samples, err)
	}
	for _, path := range samples {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var sample v1alpha1.WindowsNodeConfig
		if err := yaml.UnmarshalStrict(raw, &sample); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var o map[string]any
		if err := yaml.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		if problems := s.admit(t, o); problems != nil {
			t.Errorf("%s: %v", path, problems)
		}
		desired(t, &sample, joined())
	}
}

func TestWhatAPIServersDefaultIsWhatIsRenderedWithoutThem(t *testing.T) {
	s := newServer(t)
	for _, name := range []string{"minimal", "hybrid-overlay", "everything", "calico-configured", "flannel-host-gateway"} {
		defaulted := object(t, name)
		defaulting.Default(defaulted, s.structural)
		var c v1alpha1.WindowsNodeConfig
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(defaulted, &c); err != nil {
			t.Fatal(err)
		}
		want, got := render(t, desired(t, config(t, name), joined())), render(t, desired(t, &c, joined()))
		for path, content := range want {
			if got[path] != content {
				t.Errorf("%s: %s is another with defaults:\n%s\nwithout:\n%s", name, path, got[path], content)
			}
		}
	}
}

func TestWhatCannotBeIsRefusedWhenItIsWritten(t *testing.T) {
	s := newServer(t)
	for sentence, c := range map[string]struct {
		spec, want string
	}{
		"a bundle is named by digest": {
			"{kubernetesVersion: v1.37.2, bundle: {image: 'example.com/node:v1'}, network: {provider: Flannel}}",
			"spec.bundle.image: Invalid value: ",
		},
		"a mirror of a repository says nothing of tags": {
			"{registryMirrors: [{source: quay.io/team, pull: DigestsAndTags, mirrors: [{location: m.example.com/team}]}]}",
			"containerd cannot limit a mirror to a repository, so it would also answer for tags of all others",
		},
		"a mirror of a repository cuts nothing off": {
			"{registryMirrors: [{source: quay.io/team, fallback: Never, mirrors: [{location: m.example.com/team}]}]}",
			"containerd cannot limit a mirror to a repository, so all others would be cut off",
		},
		"a network has one provider": {
			"{network: {provider: Flannel, calico: {}}}",
			"calico is for the provider Calico",
		},
		"a network of nodes is one": {
			"{network: {provider: Flannel, nodeCIDR: here}}",
			"must be a network, such as 10.0.0.0/16",
		},
		"a proxy is for something": {
			"{proxy: {noProxy: [x]}}",
			"needs http or https",
		},
		"a proxy has no password": {
			"{proxy: {http: 'http://me:secret@proxy:3128'}}",
			"spec.proxy.http: Invalid value: ",
		},
		"a custom credential provider says what it is": {
			"{kubelet: {credentialProviders: [{name: x, type: Custom}]}}",
			"type Custom needs program and matchImages",
		},
		"the one of Azure says where its configuration is": {
			"{kubelet: {credentialProviders: [{name: x, type: ACR}]}}",
			"type ACR needs args: the path of the cloud provider's configuration on the host",
		},
		"a program stays in the bundle": {
			`{services: [{name: x, program: 'C:\Windows\System32\cmd.exe'}]}`,
			"spec.services[0].program: Invalid value: ",
		},
		"an overlay has a number that Windows takes": {
			"{network: {provider: Flannel, flannel: {vni: 1}}}",
			"spec.network.flannel.vni: Invalid value: 1: ",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var spec map[string]any
			if err := yaml.Unmarshal([]byte(c.spec), &spec); err != nil {
				t.Fatal(err)
			}
			o := object(t, "minimal")
			for key, value := range spec {
				o["spec"].(map[string]any)[key] = value
			}
			problems := s.admit(t, o)
			if len(problems) == 0 || !strings.Contains(problems.ToAggregate().Error(), c.want) {
				t.Errorf("got %v", problems)
			}
		})
	}
}
