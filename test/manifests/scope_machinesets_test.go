package manifests_test

import (
	"slices"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apiserver/pkg/admission"

	"github.com/mullion-dev/mullion/test/manifests"
)

const (
	machineSetsOverlay  = "test/manifests/testdata/machinesets"
	validateMachineSets = "machinesets.validate.mullion.dev"
)

// set makes a set of machines of an API, and sets fields in its template.
func set(apiVersion, kind string, template map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion, "kind": kind,
		"metadata": map[string]any{"namespace": "machines", "name": "workers"},
		"spec":     map[string]any{"replicas": int64(3), "template": template},
	}}
}

// labelled is a template with labels, and an object as the spec of machines.
func labelled(labels, spec any) map[string]any {
	return map[string]any{"metadata": map[string]any{"labels": labels}, "spec": spec}
}

// provided is the spec of a machine of OpenShift.
func provided(value any) map[string]any {
	return map[string]any{"providerSpec": map[string]any{"value": value}}
}

func TestSetsOfWindowsMachinesAreJudgedAndNoOthers(t *testing.T) {
	const openShift, old, clusterAPI = "machine.openshift.io/v1beta1", "cluster.x-k8s.io/v1beta1", "cluster.x-k8s.io/v1beta2"
	windows := map[string]any{"machine.openshift.io/os-id": "Windows"}
	for sentence, c := range map[string]struct {
		set  *unstructured.Unstructured
		want bool
	}{
		"Windows by its label":                    {set(openShift, "MachineSet", labelled(windows, provided(map[string]any{}))), true},
		"Windows by a label in lower case":        {set(openShift, "MachineSet", labelled(map[string]any{"machine.openshift.io/os-id": "windows"}, nil)), true},
		"Windows by its user data":                {set(openShift, "MachineSet", labelled(nil, provided(map[string]any{"userDataSecret": map[string]any{"name": "windows-user-data"}}))), true},
		"Windows by its disk":                     {set(openShift, "MachineSet", labelled(map[string]any{}, provided(map[string]any{"osDisk": map[string]any{"osType": "Windows"}}))), true},
		"Linux":                                   {set(openShift, "MachineSet", labelled(map[string]any{"role": "worker"}, provided(map[string]any{"osDisk": map[string]any{"osType": "Linux"}, "userDataSecret": map[string]any{"name": "worker-user-data"}}))), false},
		"Windows, and somebody else's":            {set(openShift, "MachineSet", labelled(map[string]any{"machine.openshift.io/os-id": "Windows", "windowsmachineconfig.openshift.io/ignore": "true"}, nil)), false},
		"Linux without labels":                    {set(openShift, "MachineSet", map[string]any{"spec": provided(map[string]any{})}), false},
		"Windows of Cluster API":                  {set(clusterAPI, "MachineSet", labelled(map[string]any{"mullion.dev/os": "windows"}, nil)), true},
		"Windows of Cluster API by its user data": {set(old, "MachineSet", labelled(nil, map[string]any{"bootstrap": map[string]any{"dataSecretName": "windows-user-data"}})), true},
		"a deployment of Windows of Cluster API":  {set(clusterAPI, "MachineDeployment", labelled(map[string]any{"mullion.dev/os": "windows"}, nil)), true},
		"Linux of Cluster API":                    {set(clusterAPI, "MachineDeployment", labelled(map[string]any{}, map[string]any{"bootstrap": map[string]any{"dataSecretName": "linux"}})), false},
		"null for labels and the provider's part": {set(openShift, "MachineSet", labelled(nil, provided(nil))), false},
		"null for the Secret and the disk":        {set(openShift, "MachineSet", labelled(nil, provided(map[string]any{"userDataSecret": nil, "osDisk": nil}))), false},
		"null for the provider":                   {set(openShift, "MachineSet", labelled(nil, map[string]any{"providerSpec": nil, "bootstrap": nil})), false},
		"null for the template's metadata":        {set(openShift, "MachineSet", map[string]any{"metadata": nil, "spec": nil}), false},
		"no template":                             {set(openShift, "MachineSet", nil), false},
	} {
		for name, server := range apiServers(t, machineSetsOverlay) {
			t.Run(sentence+"/"+name, func(t *testing.T) {
				called := server.calls(t, request{operation: admission.Create, object: c.set.DeepCopy()})
				if got := slices.Contains(called, validateMachineSets); got != c.want {
					t.Errorf("called %v", called)
				}
			})
		}
	}
}

func TestASetIsJudgedWhenItsTemplateChanges(t *testing.T) {
	old := set("machine.openshift.io/v1beta1", "MachineSet", labelled(map[string]any{"machine.openshift.io/os-id": "Windows"}, provided(map[string]any{"kind": "AWSMachineProviderConfig"})))
	scaled := old.DeepCopy()
	scaled.Object["spec"].(map[string]any)["replicas"] = int64(0)
	going := old.DeepCopy()
	going.SetFinalizers(nil)
	other := old.DeepCopy()
	other.Object["spec"].(map[string]any)["template"].(map[string]any)["spec"] = provided(map[string]any{"kind": "AzureMachineProviderSpec"})
	made := old.DeepCopy()
	if err := unstructured.SetNestedSlice(made.Object, []any{map[string]any{"kind": "MachineDeployment", "controller": true}}, "metadata", "ownerReferences"); err != nil {
		t.Fatal(err)
	}
	for name, server := range apiServers(t, machineSetsOverlay) {
		for sentence, c := range map[string]struct {
			request request
			want    bool
		}{
			"scaling":                     {request{operation: admission.Update, object: scaled, old: old}, false},
			"losing a finalizer":          {request{operation: admission.Update, object: going, old: old}, false},
			"another template":            {request{operation: admission.Update, object: other, old: old}, true},
			"made by a MachineDeployment": {request{operation: admission.Create, object: made}, false},
			"being deleted":               {request{operation: admission.Delete, old: old}, false},
		} {
			t.Run(sentence+"/"+name, func(t *testing.T) {
				called := server.calls(t, c.request)
				if got := slices.Contains(called, validateMachineSets); got != c.want {
					t.Errorf("called %v", called)
				}
			})
		}
	}
}

func TestWhoJudgesSetsOfMachinesIsToldTo(t *testing.T) {
	objects, err := manifests.Build(machineSetsOverlay)
	if err != nil {
		t.Fatal(err)
	}
	var deployment appsv1.Deployment
	decode(t, objects, "Deployment", "mullion-webhook", &deployment)
	if args := deployment.Spec.Template.Spec.Containers[0].Args; !slices.Contains(args, "--machinesets") {
		t.Errorf("arguments %q", args)
	}
	_, validating := webhookConfigurations(t, objects)
	judge := validating.Webhooks[len(validating.Webhooks)-1]
	if judge.Name != validateMachineSets || *judge.FailurePolicy != admissionregistrationv1.Fail ||
		*judge.SideEffects != admissionregistrationv1.SideEffectClassNone || *judge.TimeoutSeconds > 13 || judge.ClientConfig.CABundle != nil {
		t.Errorf("%+v", judge)
	}
}
