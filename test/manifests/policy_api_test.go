package manifests_test

import (
	"encoding/json"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/mullion-dev/mullion/test/manifests"
)

const apiServiceName = "v1alpha1.placement.mullion.dev"

// apiService is the part of an APIService that matters here.
type apiService struct {
	Metadata struct {
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec struct {
		InsecureSkipTLSVerify bool `json:"insecureSkipTLSVerify"`
		Service               struct {
			Namespace, Name string
			Port            int32
		} `json:"service"`
	} `json:"spec"`
}

func decodeAPIService(t *testing.T, objects manifests.Objects) (api apiService) {
	t.Helper()
	for _, object := range objects {
		if object.GetKind() != "APIService" || object.GetName() != apiServiceName {
			continue
		}
		raw, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &api); err != nil {
			t.Fatal(err)
		}
		return api
	}
	t.Fatalf("there is no APIService %s", apiServiceName)
	return api
}

func TestThePolicyAPIIsReachedThroughItsService(t *testing.T) {
	for folder, objects := range every(t) {
		t.Run(folder, func(t *testing.T) {
			var service corev1.Service
			decode(t, objects, "Service", "mullion-webhook", &service)
			api := decodeAPIService(t, objects)
			if api.Spec.InsecureSkipTLSVerify {
				t.Error("the policy API's certificate is not verified")
			}
			if s := api.Spec.Service; s.Namespace != service.Namespace || s.Name != service.Name {
				t.Fatalf("the APIService names %+v", s)
			}
			var target string
			for _, port := range service.Spec.Ports {
				if port.Port == api.Spec.Service.Port {
					target = port.TargetPort.StrVal
				}
			}
			if strings.HasSuffix(folder, "development") {
				return // There is no Deployment.
			}
			var deployment appsv1.Deployment
			decode(t, objects, "Deployment", "mullion-webhook", &deployment)
			for _, port := range deployment.Spec.Template.Spec.Containers[0].Ports {
				if port.Name == target {
					return
				}
			}
			t.Errorf("port %d of the Service leads to %q, which no container has", api.Spec.Service.Port, target)
		})
	}
}

func TestCertManagerKeepsTheCABundleOfTheAPIService(t *testing.T) {
	objects, err := manifests.Build("manifests/overlays/cert-manager")
	if err != nil {
		t.Fatal(err)
	}
	api := decodeAPIService(t, objects)
	if api.Metadata.Annotations["cert-manager.io/inject-ca-from"] != "mullion-system/mullion-webhook" {
		t.Errorf("annotations are %v", api.Metadata.Annotations)
	}
}

func TestWhoMayEditMayAskAndWhoMayOnlyViewMayNot(t *testing.T) {
	objects, err := manifests.Build(defaultOverlay)
	if err != nil {
		t.Fatal(err)
	}
	var role rbacv1.ClusterRole
	decode(t, objects, "ClusterRole", "mullion-placement-reviewer", &role)
	for name, want := range map[string]bool{"edit": true, "admin": true, "view": false} {
		if got := role.Labels["rbac.authorization.k8s.io/aggregate-to-"+name] == "true"; got != want {
			t.Errorf("aggregated to %s: %v", name, got)
		}
	}
	if len(role.Rules) != 1 || strings.Join(role.Rules[0].Verbs, ",") != "create" || strings.Join(role.Rules[0].Resources, ",") != "placementreviews" {
		t.Errorf("rules are %+v", role.Rules)
	}
}

func TestAggregatedAdmissionSendsEveryReviewThroughTheAPIServer(t *testing.T) {
	direct, err := manifests.Build(defaultOverlay)
	if err != nil {
		t.Fatal(err)
	}
	aggregated, err := manifests.Build("manifests/overlays/aggregated-admission")
	if err != nil {
		t.Fatal(err)
	}
	clients := func(objects manifests.Objects) []*admissionregistrationv1.ServiceReference {
		mutating, validating := webhookConfigurations(t, objects)
		var all []*admissionregistrationv1.ServiceReference
		for i := range mutating.Webhooks {
			all = append(all, mutating.Webhooks[i].ClientConfig.Service)
		}
		for i := range validating.Webhooks {
			all = append(all, validating.Webhooks[i].ClientConfig.Service)
		}
		return all
	}
	was, is := clients(direct), clients(aggregated)
	if len(was) != len(is) {
		t.Fatalf("%d webhooks became %d", len(was), len(is))
	}
	for i := range is {
		want := "/apis/placement.mullion.dev/v1alpha1" + *was[i].Path
		if is[i].Namespace != "default" || is[i].Name != "kubernetes" || *is[i].Port != 443 || *is[i].Path != want {
			t.Errorf("%s is called as %s/%s:%d%s", *was[i].Path, is[i].Namespace, is[i].Name, *is[i].Port, *is[i].Path)
		}
	}
	var deployment appsv1.Deployment
	decode(t, aggregated, "Deployment", "mullion-webhook", &deployment)
	if !strings.Contains(strings.Join(deployment.Spec.Template.Spec.Containers[0].Args, " "), "--aggregated-admission") {
		t.Error("the webhook does not serve admission there")
	}
}

func TestWithoutThePolicyAPINothingOfItIsLeft(t *testing.T) {
	objects, err := manifests.Build("test/manifests/testdata/no-policy-api")
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		if object.GetKind() == "APIService" || object.GetName() == "mullion-placement-reviewer" {
			t.Errorf("there is a %s %s", object.GetKind(), object.GetName())
		}
	}
	for _, right := range rights(t, objects, "mullion-webhook") {
		if strings.Contains(right, "all of") {
			t.Errorf("the webhook may %s", right)
		}
	}
}
