package manifests_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mullion-dev/mullion/test/manifests"
)

// every is all that an administrator may build, and the components in combination.
func every(t *testing.T) map[string]manifests.Objects {
	t.Helper()
	root, err := manifests.Root()
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(root, "manifests", "overlays", "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no overlays: %v", err)
	}
	all := map[string]manifests.Objects{}
	for _, folder := range append(folders, filepath.Join(root, "test/manifests/testdata/everything")) {
		relative, err := filepath.Rel(root, folder)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := manifests.Build(relative)
		if err != nil {
			t.Fatal(err)
		}
		all[relative] = objects
	}
	return all
}

func webhookConfigurations(t *testing.T, objects manifests.Objects) (m admissionregistrationv1.MutatingWebhookConfiguration, v admissionregistrationv1.ValidatingWebhookConfiguration) {
	t.Helper()
	if err := objects.Decode("MutatingWebhookConfiguration", "00-mullion", &m); err != nil {
		t.Fatal(err)
	}
	if err := objects.Decode("ValidatingWebhookConfiguration", "mullion", &v); err != nil {
		t.Fatal(err)
	}
	return m, v
}

func TestOneWebhookRefusesWhenItFailsAndNoneHasSideEffects(t *testing.T) {
	for folder, objects := range every(t) {
		t.Run(folder, func(t *testing.T) {
			mutating, validating := webhookConfigurations(t, objects)
			for _, w := range mutating.Webhooks {
				if *w.FailurePolicy != admissionregistrationv1.Ignore || *w.SideEffects != admissionregistrationv1.SideEffectClassNone ||
					*w.ReinvocationPolicy != admissionregistrationv1.IfNeededReinvocationPolicy || *w.MatchPolicy != admissionregistrationv1.Equivalent {
					t.Errorf("%s: failurePolicy %s, sideEffects %s, reinvocationPolicy %s, matchPolicy %s",
						w.Name, *w.FailurePolicy, *w.SideEffects, *w.ReinvocationPolicy, *w.MatchPolicy)
				}
			}
			var refusing []string
			for _, w := range validating.Webhooks {
				if *w.FailurePolicy == admissionregistrationv1.Fail {
					refusing = append(refusing, w.Name)
				}
				if *w.SideEffects != admissionregistrationv1.SideEffectClassNone || *w.MatchPolicy != admissionregistrationv1.Equivalent {
					t.Errorf("%s: sideEffects %s, matchPolicy %s", w.Name, *w.SideEffects, *w.MatchPolicy)
				}
			}
			if !slices.Equal(refusing, []string{validatePods}) {
				t.Errorf("%v refuse when they fail: want %s alone", refusing, validatePods)
			}
		})
	}
}

// Webhook configurations are called in the order of their names.
func TestPodsArePlacedBeforeOtherWebhooksSeeThem(t *testing.T) {
	for _, other := range []string{
		"vpc-resource-mutating-webhook", // Amazon EKS: gives addresses to pods that select Windows nodes.
		"pod-identity-webhook",          // Amazon EKS.
		"istio-sidecar-injector",
		"gmsa",
	} {
		if "00-mullion" >= other {
			t.Errorf("00-mullion does not sort before %s", other)
		}
	}
}

func TestTheRegistryBudgetLeavesTimeToAnswer(t *testing.T) {
	for folder, objects := range every(t) {
		mutating, validating := webhookConfigurations(t, objects)
		var deployment appsv1.Deployment
		if strings.HasSuffix(folder, "development") {
			continue // Has no Deployment: its author passes the flags.
		}
		if err := objects.Decode("Deployment", "mullion-webhook", &deployment); err != nil {
			t.Fatal(err)
		}
		budget := registryBudget(t, deployment.Spec.Template.Spec.Containers[0].Args)
		timeouts := []int32{}
		for _, w := range mutating.Webhooks {
			timeouts = append(timeouts, *w.TimeoutSeconds)
		}
		for _, w := range validating.Webhooks {
			timeouts = append(timeouts, *w.TimeoutSeconds)
		}
		// OpenShift cuts timeouts at 13 seconds.
		if limit := time.Duration(slices.Min(timeouts)) * time.Second; 2*budget > limit || slices.Max(timeouts) > 13 {
			t.Errorf("%s: registries get %s of timeouts %v", folder, budget, timeouts)
		}
	}
}

func registryBudget(t *testing.T, args []string) time.Duration {
	t.Helper()
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--registry-budget="); ok {
			budget, err := time.ParseDuration(value)
			if err != nil {
				t.Fatal(err)
			}
			return budget
		}
	}
	t.Fatalf("no registry budget in %v", args)
	return 0
}

func TestTheCABundleIsLeftToItsKeeper(t *testing.T) {
	for folder, objects := range every(t) {
		mutating, validating := webhookConfigurations(t, objects)
		for _, w := range mutating.Webhooks {
			if w.ClientConfig.CABundle != nil {
				t.Errorf("%s: %s has a caBundle", folder, w.Name)
			}
		}
		for _, w := range validating.Webhooks {
			if w.ClientConfig.CABundle != nil {
				t.Errorf("%s: %s has a caBundle", folder, w.Name)
			}
		}
	}
}

func TestServicesLeadToPortsThatPodsHave(t *testing.T) {
	objects, err := manifests.Build(defaultOverlay)
	if err != nil {
		t.Fatal(err)
	}
	var services int
	for _, object := range objects {
		if object.GetKind() != "Service" {
			continue
		}
		services++
		var service corev1.Service
		if err := objects.Decode("Service", object.GetName(), &service); err != nil {
			t.Fatal(err)
		}
		var deployment appsv1.Deployment
		if err := objects.Decode("Deployment", strings.TrimSuffix(service.Name, "-metrics"), &deployment); err != nil {
			t.Fatal(err)
		}
		template := deployment.Spec.Template
		if !labels.SelectorFromSet(service.Spec.Selector).Matches(labels.Set(template.Labels)) {
			t.Errorf("service %s selects %v: the pods have %v", service.Name, service.Spec.Selector, template.Labels)
		}
		for _, port := range service.Spec.Ports {
			if !slices.ContainsFunc(template.Spec.Containers[0].Ports, func(p corev1.ContainerPort) bool { return p.Name == port.TargetPort.StrVal }) {
				t.Errorf("service %s leads to port %q, which the pods do not have", service.Name, port.TargetPort.String())
			}
		}
	}
	if services != 3 {
		t.Errorf("%d services: want 3", services)
	}
}

func TestEveryGeneratedCRDIsInstalled(t *testing.T) {
	root, err := manifests.Root()
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(root, "manifests/base/crds"))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := manifests.Build(defaultOverlay)
	if err != nil {
		t.Fatal(err)
	}
	installed := 0
	for _, object := range objects {
		if object.GetKind() == "CustomResourceDefinition" {
			installed++
		}
	}
	if generated := len(files) - 1; installed != generated { // Beside the kustomization.
		t.Errorf("%d CRDs are generated and %d installed", generated, installed)
	}
}
