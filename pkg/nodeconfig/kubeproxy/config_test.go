package kubeproxy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"
	kubeproxyv1alpha1 "k8s.io/kube-proxy/config/v1alpha1"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/kubeproxy"
)

func render(t *testing.T, o kubeproxy.Options) kubeproxyv1alpha1.KubeProxyConfiguration {
	t.Helper()
	raw, problems := kubeproxy.Configuration(o)
	if problems != nil {
		t.Fatal(problems)
	}
	var got kubeproxyv1alpha1.KubeProxyConfiguration
	if err := yaml.UnmarshalStrict(raw, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func options(of string) kubeproxy.Options {
	return kubeproxy.Options{
		Version: version.MustParseSemantic(of), Kubeconfig: `C:\k\kubeconfig`, NodeName: "n",
		PodCIDRs: []string{"10.244.0.0/16", "fd00::/48"}, Network: "flannel.4096", SourceVIP: "10.244.1.254",
		Field: field.NewPath("configuration"),
	}
}

func TestAFeatureGateIsOpenedOnlyWhereItIsClosed(t *testing.T) {
	for of, want := range map[string]map[string]bool{
		"v1.32.9": {"WinDSR": true},
		"v1.33.0": nil,
		"v1.37.2": nil,
	} {
		if diff := cmp.Diff(want, render(t, options(of)).FeatureGates); diff != "" {
			t.Errorf("%s (-want +got):\n%s", of, diff)
		}
	}
}

func TestKubeProxyIsToldTheNetwork(t *testing.T) {
	got := render(t, options("v1.37.2"))
	want := kubeproxyv1alpha1.KubeProxyWinkernelConfiguration{NetworkName: "flannel.4096", SourceVip: "10.244.1.254", EnableDSR: true}
	if diff := cmp.Diff(want, got.Winkernel); diff != "" {
		t.Errorf("winkernel (-want +got):\n%s", diff)
	}
	if got.ClusterCIDR != "10.244.0.0/16,fd00::/48" || got.Mode != "kernelspace" || !got.WindowsRunAsService {
		t.Errorf("got %+v", got)
	}
}

func TestAnOverrideOfKubeProxyIsCheckedAgainstItsTypes(t *testing.T) {
	for override, want := range map[string]string{
		`{"winkernel": {"forwardHealthCheckVip": true}}`: "",
		`{"winkernel": {"networkName": "x"}}`:            "configuration.winkernel.networkName: Forbidden: use spec.network",
		`{"winkernel": {"nope": true}}`:                  `configuration: Invalid value: unknown field "winkernel.nope"`,
	} {
		o := options("v1.37.2")
		o.Override = &runtime.RawExtension{Raw: []byte(override)}
		_, problems := kubeproxy.Configuration(o)
		got := ""
		if len(problems) > 0 {
			got = problems[0].Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", override, got, want)
		}
	}
}
