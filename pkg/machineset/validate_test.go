package machineset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mullion-dev/mullion/pkg/machineset"
)

const (
	labelPath    = `spec.template.metadata.labels[machine.openshift.io/os-id]: `
	labelFix     = `its machines are for Windows, and nobody looks after them without the label: set it to Windows`
	userDataPath = `spec.template.spec.providerSpec.value.userDataSecret.name: `
	userDataFix  = `it lets the node manager in; without it machines are made that nobody can log in to: set it to windows-user-data`
)

func TestSetsOfMachines(t *testing.T) {
	for sentence, c := range map[string]struct {
		set  *unstructured.Unstructured
		want []string
	}{
		"a good one":                          {set: onAzure()},
		"one for Linux":                       {set: onAzure(templateLabels(nil), provider("worker-user-data", "userDataSecret", "name"), provider("Linux", "osDisk", "osType"), named(strings.Repeat("a", 60)))},
		"one that somebody else looks after":  {set: onAzure(templateLabels(map[string]any{"machine.openshift.io/os-id": "Windows", "windowsmachineconfig.openshift.io/ignore": "true"}), named("much-too-long"))},
		"one whose fields are of other types": {set: onAzure(templateLabels(nil), change("text", "spec", "template", "spec", "providerSpec"))},
		"one of another API":                  {set: onAzure(change("example.com/v1", "apiVersion"), named("much-too-long"))},
		"one without the label":               {set: onAzure(templateLabels(nil)), want: []string{labelPath + "Required value: " + labelFix}},
		"one with the label in lower case":    {set: onAzure(templateLabels(map[string]any{"machine.openshift.io/os-id": "windows"})), want: []string{labelPath + `Invalid value: "windows": ` + labelFix}},
		"one told by its disk alone":          {set: onAzure(templateLabels(nil), provider(nil, "userDataSecret")), want: []string{labelPath + "Required value: " + labelFix, userDataPath + "Required value: " + userDataFix}},
		"one with the user data of Linux":     {set: onAzure(provider("worker-user-data", "userDataSecret", "name")), want: []string{userDataPath + `Invalid value: "worker-user-data": ` + userDataFix}},
		"one without a platform":              {set: onAzure(provider(nil, "kind")), want: []string{"spec.template.spec.providerSpec.value.kind: Required value: it says on which platform the machines are made"}},
		"one on a platform that nobody knows": {
			set: onAzure(provider("OpenstackProviderSpec", "kind"), named("much-too-long")),
			want: []string{`spec.template.spec.providerSpec.value.kind: Unsupported value: "OpenstackProviderSpec": supported values: ` +
				`"AWSMachineProviderConfig", "AzureMachineProviderSpec", "GCPMachineProviderSpec", "NutanixMachineProviderConfig", "VSphereMachineProviderSpec"` +
				`: nothing is known of Windows machines elsewhere; label the template windowsmachineconfig.openshift.io/ignore=true to look after them yourself`},
		},
		"one of Cluster API":                       {set: ofClusterAPI("MachineSet")},
		"a deployment of Cluster API":              {set: ofClusterAPI("MachineDeployment")},
		"one of Cluster API for Linux":             {set: ofClusterAPI("MachineSet", templateLabels(nil), change("linux", "spec", "template", "spec", "bootstrap", "dataSecretName"))},
		"one of Cluster API told by its user data": {set: ofClusterAPI("MachineSet", templateLabels(nil)), want: []string{"spec.template.metadata.labels[mullion.dev/os]: Required value: its machines are for Windows, and nobody looks after them without the label: set it to windows"}},
		"one of Cluster API without user data":     {set: ofClusterAPI("MachineSet", change(nil, "spec", "template", "spec", "bootstrap")), want: []string{"spec.template.spec.bootstrap.dataSecretName: Required value: " + userDataFix}},
		"one of Cluster API that is joined twice": {
			set:  ofClusterAPI("MachineSet", change(map[string]any{"kind": "KubeadmConfigTemplate"}, "spec", "template", "spec", "bootstrap", "configRef")),
			want: []string{"spec.template.spec.bootstrap.configRef: Forbidden: a KubeadmConfigTemplate makes nodes of its machines, which is the node manager's to do here: remove it, and set dataSecretName to windows-user-data"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var got []string
			for _, err := range machineset.Validate(c.set) {
				got = append(got, err.Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheNameIsAsLongAsThePlatformTakes(t *testing.T) {
	for sentence, c := range map[string]struct {
		set   func(changes ...func(*unstructured.Unstructured)) *unstructured.Unstructured
		kind  string
		limit int
	}{
		"Azure":        {set: onAzure, kind: "AzureMachineProviderSpec", limit: 9},
		"vSphere":      {set: onAzure, kind: "VSphereMachineProviderSpec", limit: 9},
		"AWS":          {set: onAzure, kind: "AWSMachineProviderConfig", limit: 57},
		"Google Cloud": {set: onAzure, kind: "GCPMachineProviderSpec", limit: 57},
		"Nutanix":      {set: onAzure, kind: "NutanixMachineProviderConfig", limit: 57},
		"a MachineSet of Cluster API": {limit: 57, set: func(changes ...func(*unstructured.Unstructured)) *unstructured.Unstructured {
			return ofClusterAPI("MachineSet", changes...)
		}},
		"a MachineDeployment of Cluster API": {limit: 51, set: func(changes ...func(*unstructured.Unstructured)) *unstructured.Unstructured {
			return ofClusterAPI("MachineDeployment", changes...)
		}},
	} {
		t.Run(sentence, func(t *testing.T) {
			changes := []func(*unstructured.Unstructured){named(strings.Repeat("a", c.limit))}
			if c.kind != "" {
				changes = append(changes, provider(c.kind, "kind"))
			}
			if errs := machineset.Validate(c.set(changes...)); len(errs) > 0 {
				t.Errorf("the longest is refused: %v", errs)
			}
			errs := machineset.Validate(c.set(append(changes, named(strings.Repeat("a", c.limit+1)))...))
			if len(errs) != 1 || errs[0].Field != "metadata.name" {
				t.Errorf("got %v", errs)
			}
		})
	}
	errs := machineset.Validate(onAzure(named("winworkers")))
	want := `metadata.name: Invalid value: "winworkers": on Azure, a MachineSet of Windows machines may have a name of at most 9 characters here, ` +
		`and this has 10: computers there have the machine's name, and Windows takes 15 characters, of which 6 are added to that of the MachineSet`
	if len(errs) != 1 || errs[0].Error() != want {
		t.Errorf("got %v", errs)
	}
}

func FuzzAnyObjectIsJudged(f *testing.F) {
	f.Add([]byte(`{"apiVersion":"machine.openshift.io/v1beta1","kind":"MachineSet","spec":{"template":null}}`))
	f.Add([]byte(`{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"MachineSet","metadata":{"name":7},"spec":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		set := &unstructured.Unstructured{}
		if err := set.UnmarshalJSON(raw); err != nil {
			return
		}
		if len(machineset.NewErrors(set, set)) > 0 {
			t.Error("an object that did not change has new errors")
		}
	})
}
