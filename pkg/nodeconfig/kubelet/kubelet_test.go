package kubelet_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/tools/clientcmd"
	kubeletv1 "k8s.io/kubelet/config/v1"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/kubelet"
)

func TestAKubeletRegistersOnlyLabelsThatItMay(t *testing.T) {
	registered := map[string]string{
		"pool":                                 "windows",
		"example.com/pool":                     "windows",
		"notkubernetes.io/x":                   "",
		"kubernetes.io/os":                     "windows",
		"topology.kubernetes.io/zone":          "a",
		"node.kubernetes.io/windows-build":     "10.0.20348",
		"kubelet.kubernetes.io/x":              "",
		"team.node.kubernetes.io/x":            "",
		"node.openshift.io/os_id":              "Windows",
		"windowsmachineconfig.openshift.io/by": "",
	}
	managed := map[string]string{
		"node-role.kubernetes.io/worker":             "",
		"node-restriction.kubernetes.io/tenant":      "a",
		"team.node-restriction.kubernetes.io/tenant": "a",
		"kubernetes.io/anything":                     "",
		"k8s.io/anything":                            "",
		"sub.k8s.io/anything":                        "",
	}
	all := map[string]string{}
	for _, labels := range []map[string]string{registered, managed} {
		for key, value := range labels {
			all[key] = value
		}
	}
	gotRegistered, gotManaged := kubelet.SplitLabels(all)
	if diff := cmp.Diff(registered, gotRegistered); diff != "" {
		t.Errorf("registered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(managed, gotManaged); diff != "" {
		t.Errorf("managed (-want +got):\n%s", diff)
	}
}

func TestTheBootstrapKubeconfigIsOneThatClientsRead(t *testing.T) {
	raw, err := kubelet.Bootstrap("https://api.example.com:6443", []byte("authority"), "the-token")
	if err != nil {
		t.Fatal(err)
	}
	client, err := clientcmd.RESTConfigFromKubeConfig(raw)
	if err != nil {
		t.Fatal(err)
	}
	if client.Host != "https://api.example.com:6443" || client.BearerToken != "the-token" || string(client.CAData) != "authority" {
		t.Errorf("a client uses %s", client.Host)
	}
}

func TestFlagsAreInAnOrderThatNeverChanges(t *testing.T) {
	flags := kubelet.Flags{Config: "c", Labels: map[string]string{"b": "2", "a": "1", "c": "3"}, NodeName: "n", NodeIP: "10.0.0.1"}
	for range 20 {
		got := flags.Arguments()
		if diff := cmp.Diff("--node-labels=a=1,b=2,c=3", got[len(got)-2]); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestCredentialProvidersOfCloudsAreKnown(t *testing.T) {
	credentials, problems := kubelet.CredentialProviders([]v1alpha1.CredentialProvider{
		{Name: "a", Type: v1alpha1.CredentialProviderECR, CacheDuration: &metav1.Duration{}},
		{Name: "b", Type: v1alpha1.CredentialProviderGCR, Args: []string{"-v"}},
	}, field.NewPath("providers"))
	if problems != nil {
		t.Fatal(problems)
	}
	var got kubeletv1.CredentialProviderConfig
	if err := yaml.UnmarshalStrict(credentials.Config, &got); err != nil {
		t.Fatal(err)
	}
	if got.Providers[0].Name != "ecr-credential-provider" || got.Providers[0].DefaultCacheDuration.Duration != 0 {
		t.Errorf("ECR is %+v", got.Providers[0])
	}
	if diff := cmp.Diff([]string{"get-credentials", "-v"}, got.Providers[1].Args); diff != "" {
		t.Errorf("arguments of GCR (-want +got):\n%s", diff)
	}
	want := []string{"credential-providers/ecr-credential-provider.exe", "credential-providers/auth-provider-gcp.exe"}
	if diff := cmp.Diff(want, credentials.Programs); diff != "" {
		t.Errorf("programs (-want +got):\n%s", diff)
	}
}

func TestCredentialProvidersThatTheKubeletWouldRefuseAreRefused(t *testing.T) {
	for want, specs := range map[string][]v1alpha1.CredentialProvider{
		`providers[0].type: Unsupported value: "Other": supported values: "ECR", "ACR", "GCR", "Custom"`: {{Name: "a", Type: "Other"}},
		`providers[0].program: Required value: the type Custom knows no program`:                         {{Name: "a", Type: "Custom"}},
		`providers[0].matchImages: Required value: the type Custom knows no images`:                      {{Name: "a", Type: "Custom", Program: "x.exe"}},
		`providers[1].program: Duplicate value: "ecr-credential-provider.exe"`:                           {{Name: "a", Type: "ECR"}, {Name: "b", Type: "ECR"}},
	} {
		_, problems := kubelet.CredentialProviders(specs, field.NewPath("providers"))
		if len(problems) != 1 || problems[0].Error() != want {
			t.Errorf("got  %v\nwant %s", problems, want)
		}
	}
}
