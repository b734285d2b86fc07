package kubelet_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/kubelet"
)

func options(override string) kubelet.Options {
	o := kubelet.Options{
		RuntimeEndpoint: "npipe://./pipe/containerd-containerd",
		ClientCAFile:    `C:\k\kubelet-ca.crt`, VolumePluginDir: `C:\volumes`, PodLogsDir: `C:\pods`,
		ClusterDNS: []string{"10.96.0.10"}, ClusterDomain: "cluster.local",
		Taints: []corev1.Taint{{Key: "os", Value: "Windows", Effect: corev1.TaintEffectNoSchedule}, {Key: "bare", Effect: corev1.TaintEffectNoExecute}},
		Field:  field.NewPath("configuration"),
	}
	if override != "" {
		o.Override = &runtime.RawExtension{Raw: []byte(override)}
	}
	return o
}

func TestTheKubeletReadsWhatItsTypesHave(t *testing.T) {
	raw, problems := kubelet.Configuration(options(`{"maxPods": 60, "evictionHard": {"memory.available": "1Gi"}, "syncFrequency": "30s"}`))
	if problems != nil {
		t.Fatal(problems)
	}
	var got kubeletv1beta1.KubeletConfiguration
	if err := yaml.UnmarshalStrict(raw, &got); err != nil {
		t.Fatal(err)
	}
	switch {
	case got.MaxPods != 60, got.EvictionHard["memory.available"] != "1Gi", got.SyncFrequency.Seconds() != 30:
		t.Errorf("the override is lost: %s", raw)
	case got.CgroupsPerQOS == nil || *got.CgroupsPerQOS, got.ResolverConfig == nil || *got.ResolverConfig != "":
		t.Errorf("what Windows needs is lost: %s", raw)
	case len(got.EnforceNodeAllocatable) != 1 || got.EnforceNodeAllocatable[0] != "none":
		t.Errorf("enforceNodeAllocatable is %v", got.EnforceNodeAllocatable)
	case len(got.RegisterWithTaints) != 2 || got.RegisterWithTaints[1].Key != "bare":
		t.Errorf("taints are %v", got.RegisterWithTaints)
	case got.Authentication.Anonymous.Enabled == nil || *got.Authentication.Anonymous.Enabled:
		t.Error("anybody may use the kubelet")
	}
}

func TestWhatDoesNotWorkOnWindowsIsRefused(t *testing.T) {
	for override, want := range map[string]string{
		`{"cgroupsPerQOS": true}`:               "configuration.cgroupsPerQOS: Forbidden: Windows has no cgroups",
		`{"enforceNodeAllocatable": ["pods"]}`:  "configuration.enforceNodeAllocatable: Forbidden: on Windows there is nothing to enforce it with; the kubelet accepts none alone",
		`{"resolvConf": "/etc/resolv.conf"}`:    "configuration.resolvConf: Forbidden: Windows has no such file",
		`{"singleProcessOOMKill": true}`:        "configuration.singleProcessOOMKill: Forbidden: the kubelet does not start with it on Windows",
		`{"userNamespaces": {}}`:                "configuration.userNamespaces: Forbidden: the kubelet does not start with it on Windows",
		`{"serverTLSBootstrap": false}`:         "configuration.serverTLSBootstrap: Forbidden: the serving certificate comes from the cluster and is rotated",
		`{"authentication": {"x509": null}}`:    "configuration.authentication.x509: Forbidden: the authority of kubelets' clients is written to this file",
		`{"registerWithTaints": []}`:            "configuration.registerWithTaints: Forbidden: use spec.taints",
		`{"maxPods": "many"}`:                   "configuration: Invalid value: json: cannot unmarshal string into Go struct field KubeletConfiguration.maxPods of type int32",
		`{"evictionHard": {"x": 1}, "nope": 1}`: "configuration: Invalid value: json: cannot unmarshal number into Go struct field KubeletConfiguration.evictionHard of type string",
	} {
		t.Run(override, func(t *testing.T) {
			_, problems := kubelet.Configuration(options(override))
			if len(problems) == 0 || !strings.HasPrefix(problems[0].Error(), want) {
				t.Errorf("got  %v\nwant %s", problems, want)
			}
		})
	}
}

// FuzzConfiguration shows that whatever is not refused is a KubeletConfiguration that works on Windows.
func FuzzConfiguration(f *testing.F) {
	for _, seed := range []string{`{}`, `{"maxPods": 5}`, `{"authentication": {"webhook": {"cacheTTL": "1m"}}}`, `{"memorySwap": {}}`, `{"CgroupsPerQOS": true}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, override string) {
		raw, problems := kubelet.Configuration(options(override))
		if problems != nil {
			return
		}
		var got kubeletv1beta1.KubeletConfiguration
		if err := yaml.UnmarshalStrict(raw, &got); err != nil {
			t.Fatal(err)
		}
		if *got.CgroupsPerQOS || *got.ResolverConfig != "" || got.SingleProcessOOMKill != nil || got.UserNamespaces != nil || !got.ServerTLSBootstrap {
			t.Errorf("does not work on Windows: %s", raw)
		}
	})
}
