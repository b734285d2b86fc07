package nodeconfig_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// inputs are everything that Desired goes by.
type inputs struct {
	spec    *v1alpha1.WindowsNodeConfigSpec
	bundle  *nodeconfig.Bundle
	cluster *nodeconfig.Cluster
	host    *nodeconfig.Host
}

func TestNobodyIsWaitedForWhoseNodeIsReady(t *testing.T) {
	config, host := config(t, "minimal"), joined()
	config.Spec.Network = v1alpha1.NodeNetwork{
		Provider: v1alpha1.NetworkExternal, External: &v1alpha1.ExternalNetworkSpec{NetworkName: "cbr0"},
	}
	if got := desired(t, config, host).Waiting; len(got) != 1 {
		t.Errorf("it waits for %q", got)
	}
	host.Ready = true
	if got := desired(t, config, host).Waiting; len(got) != 0 {
		t.Errorf("it still waits for %q", got)
	}
}

func TestALoopbackAddressIsTakenOnlyWhereTheirNetworkIsAskedFor(t *testing.T) {
	config, host := config(t, "minimal"), joining()
	host.Facts.Networks[0].Addresses = append(host.Facts.Networks[0].Addresses, "127.1.2.3/8")
	if got := desired(t, config, host).NodeIP; got.IsLoopback() {
		t.Errorf("the node's address is %s", got)
	}
	config.Spec.Network.NodeCIDR = "127.1.0.0/16"
	if got := desired(t, config, host).NodeIP.String(); got != "127.1.2.3" {
		t.Errorf("the node's address is %s", got)
	}
}

func TestWhatCannotBeFulfilledIsSaidOfItsField(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(in inputs)
		want   string
	}{
		"a kubelet is never newer than the oldest API server": {
			func(in inputs) { in.cluster.ServerVersion = version.MustParseSemantic("v1.36.9") },
			`spec.kubernetesVersion: Invalid value: "v1.37.2": kubelet 1.37.2 is newer than API server 1.36.9: upgrade the control plane first`,
		},
		"a version is a version": {
			func(in inputs) { in.spec.KubernetesVersion = "latest" },
			`spec.kubernetesVersion: Invalid value: "latest": `,
		},
		"the bundle has the version that is named": {
			func(in inputs) { in.spec.KubernetesVersion = "v1.37.1" },
			`spec.kubernetesVersion: Invalid value: "v1.37.1": the bundle's kubelet.exe is v1.37.2`,
		},
		"the bundle is the one that is named": {
			func(in inputs) { in.bundle.Digest = "sha256:" + strings.Repeat("0", 64) },
			"has to be a reference by digest, and the bundle at hand is sha256:0000",
		},
		"the bundle has what is needed": {
			func(in inputs) { *in.bundle = without(*in.bundle, "containerd-shim-runhcs-v1.exe") },
			"the bundle has no containerd-shim-runhcs-v1.exe, which containerd needs",
		},
		"containerd understands its configuration": {
			func(in inputs) {
				for i := range in.bundle.Manifest.Files {
					if in.bundle.Manifest.Files[i].Path == "containerd.exe" {
						in.bundle.Manifest.Files[i].Version = "v1.7.29"
					}
				}
			},
			"the bundle's containerd is v1.7.29; 2.1.0 is the oldest that understands its configuration",
		},
		"a host is not too old": {
			func(in inputs) { in.host.Facts.Build = "10.0.14393" },
			"spec.host.builds: Invalid value: null: the host's build 10.0.14393 is older than 10.0.17763, the oldest that can be a node",
		},
		"a host's build is known": {
			func(in inputs) { in.host.Facts.Build = "" },
			`spec.host.builds: Invalid value: null: the host's build "" is not known`,
		},
		"a host has one of the builds that are asked for": {
			func(in inputs) { in.spec.Host.Builds = []string{"10.0.26100"} },
			`spec.host.builds: Invalid value: ["10.0.26100"]: the host's build 10.0.20348 is not among them`,
		},
		"a host's name can be a node's": {
			func(in inputs) { in.host.Facts.Hostname = "WIN_2022" },
			`metadata.name: Invalid value: "win_2022": the host cannot be a node by this name: `,
		},
		"a host with several networks is not guessed at": {
			func(in inputs) {
				in.host.Facts.Networks[0].Addresses = append(in.host.Facts.Networks[0].Addresses, "10.0.3.8/16")
			},
			"spec.network.nodeCIDR: Invalid value: \"\": the host has several addresses in it: [10.0.3.7/16 10.0.3.8/16]",
		},
		"a host without a default route is asked about": {
			func(in inputs) { in.host.Facts.DefaultRoute = nil },
			"spec.network.nodeCIDR: Required value: the host has no IPv4 address on an interface with a default route",
		},
		"a host is in the nodes' network": {
			func(in inputs) { in.spec.Network.NodeCIDR = "192.0.2.0/24" },
			`spec.network.nodeCIDR: Invalid value: "192.0.2.0/24": the host has no address in it`,
		},
		"the nodes' network is one": {
			func(in inputs) { in.spec.Network.NodeCIDR = "here" },
			`spec.network.nodeCIDR: Invalid value: "here": is not a network, such as 10.0.0.0/16`,
		},
		"pods have addresses that Windows routes": {
			func(in inputs) { in.cluster.PodCIDRs = []netip.Prefix{netip.MustParsePrefix("241.0.0.0/16")} },
			"the cluster's pods have addresses in 241.0.0.0/16, which Windows does not route",
		},
		"a network has a provider": {
			func(in inputs) { in.spec.Network.Provider = "Carrier" },
			`spec.network.provider: Unsupported value: "Carrier"`,
		},
		"kube-proxy knows the network": {
			func(in inputs) { in.spec.Network.Provider = v1alpha1.NetworkExternal },
			"spec.network.external.networkName: Required value: kube-proxy has to know the network's name in Windows",
		},
		"the hybrid overlay's port is one": {
			func(in inputs) {
				in.spec.Network.Provider = v1alpha1.NetworkOVNKubernetes
				in.spec.Network.OVNKubernetes = &v1alpha1.OVNKubernetesSpec{VXLANPort: 70000}
			},
			"spec.network.ovnKubernetes.vxlanPort: Invalid value: 70000: is no port",
		},
		"the hybrid overlay's subnet is one": {
			func(in inputs) {
				in.spec.Network.Provider = v1alpha1.NetworkOVNKubernetes
				in.host.Joined, in.host.OVNSubnet = true, "10.132.4.0/30"
			},
			"the node's subnet 10.132.4.0/30 is smaller than /28",
		},
		"a proxy has no password, and it is not repeated": {
			func(in inputs) { in.spec.Proxy = &v1alpha1.ProxySpec{HTTP: "http://me:hunter2@proxy:3128"} },
			"spec.proxy.http: Invalid value: has credentials, which everybody who may log in to a host could read",
		},
		"a proxy is a URL": {
			func(in inputs) { in.spec.Proxy = &v1alpha1.ProxySpec{HTTPS: "proxy:3128"} },
			"spec.proxy.https: Invalid value: is not the URL of a proxy",
		},
		"an authority is a certificate": {
			func(in inputs) {
				in.spec.TrustedCertificates = []v1alpha1.TrustedCertificate{{Name: "x", PEM: "none"}}
			},
			"spec.trustedCertificates[0].pem: Invalid value: has no certificate in PEM",
		},
		"a private key is never copied to a host": {
			func(in inputs) {
				in.spec.TrustedCertificates = []v1alpha1.TrustedCertificate{{Name: "x", PEM: "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"}}
			},
			`spec.trustedCertificates[0].pem: Invalid value: has a block of PEM that is "EC PRIVATE KEY" instead of a certificate`,
		},
		"a label is a label": {
			func(in inputs) { in.spec.Labels = map[string]string{"a b": "c"} },
			`spec.labels: Invalid value: "a b": `,
		},
		"a taint is a taint": {
			func(in inputs) { in.spec.Taints = []corev1.Taint{{Key: "a b", Value: "c d", Effect: "Sometimes"}} },
			`spec.taints[0].effect: Unsupported value: "Sometimes"`,
		},
		"a log has a bound": {
			func(in inputs) { in.spec.Logging.MaxFileSize = ptr.To(resource.MustParse("0")) },
			`spec.logging.maxFileSize: Invalid value: "0": has to be more than nothing, which means no bound`,
		},
		"old logs go": {
			func(in inputs) { in.spec.Logging.MaxAge = &metav1.Duration{} },
			`spec.logging.maxAge: Invalid value: "0s": has to be longer than nothing, which means no bound`,
		},
		"an override of the kubelet has fields of the kubelet": {
			func(in inputs) { in.spec.Kubelet.Configuration = &runtime.RawExtension{Raw: []byte(`{"maxPod": 5}`)} },
			`spec.kubelet.configuration: Invalid value: unknown field "maxPod"`,
		},
		"an override of containerd leaves the pipe alone": {
			func(in inputs) {
				in.spec.Containerd.Configuration = &runtime.RawExtension{Raw: []byte(`{"grpc": {"address": "x"}}`)}
			},
			"spec.containerd.configuration.grpc.address: Forbidden: the kubelet goes by it",
		},
		"an override of kube-proxy is checked even while kube-proxy waits": {
			func(in inputs) {
				in.spec.KubeProxy.Configuration = &runtime.RawExtension{Raw: []byte(`{"mode": "nftables"}`)}
			},
			"spec.kubeProxy.configuration.mode: Forbidden: Windows has no other than kernelspace",
		},
		"mirrors are checked": {
			func(in inputs) {
				in.spec.RegistryMirrors = []v1alpha1.RegistryMirror{{Source: "quay.io", Mirrors: []v1alpha1.MirrorEndpoint{{Location: "https://x"}}}}
			},
			"spec.registryMirrors[0].mirrors[0].location: Invalid value",
		},
		"credential providers are checked": {
			func(in inputs) {
				in.spec.Kubelet.CredentialProviders = []v1alpha1.CredentialProvider{{Name: "x", Type: "Custom"}}
			},
			"spec.kubelet.credentialProviders[0].program: Required value",
		},
		"a credential provider is in the bundle": {
			func(in inputs) {
				in.spec.Kubelet.CredentialProviders = []v1alpha1.CredentialProvider{{Name: "x", Type: "GCR", Program: "other.exe"}}
			},
			"the bundle has no credential-providers/other.exe, which spec.kubelet.credentialProviders needs",
		},
		"a credential provider is in its directory": {
			func(in inputs) {
				in.spec.Kubelet.CredentialProviders = []v1alpha1.CredentialProvider{{Name: "x", Type: "GCR", Program: `..\kubelet.exe`}}
			},
			"spec.kubelet.credentialProviders: Invalid value: ",
		},
		"metrics have a port": {
			func(in inputs) { in.spec.Metrics = &v1alpha1.MetricsSpec{Port: -1} },
			"spec.metrics.port: Invalid value: -1: is no port",
		},
		"a further service is not one of ours": {
			func(in inputs) { in.spec.Services = []v1alpha1.ExtraService{{Name: "Kubelet", Program: "kubelet.exe"}} },
			"spec.services[0].name: Forbidden: Kubelet is one of the services that follow from the rest",
		},
		"a further service is in the bundle": {
			func(in inputs) { in.spec.Services = []v1alpha1.ExtraService{{Name: "x", Program: "../cmd.exe"}} },
			`spec.services[0].program: Invalid value: "../cmd.exe"`,
		},
		"a further service has ports": {
			func(in inputs) {
				in.spec.Services = []v1alpha1.ExtraService{{Name: "x", Program: "tools/inventory.exe", Ports: []int32{0}}}
			},
			"spec.services[0].ports[0]: Invalid value: 0: is no port",
		},
		"what makes no valid state is said by the state": {
			func(in inputs) {
				in.spec.Services = []v1alpha1.ExtraService{{Name: "x", Program: "tools/inventory.exe", Args: []string{"two\nlines"}}}
			},
			"makes no valid state of a host: service/x: has a text that has a control character or more than one line",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w, b, k, h := config(t, "minimal"), programs(), cluster(t), joining()
			c.change(inputs{&w.Spec, &b, &k, &h})
			_, err := nodeconfig.Desired(w, b, k, h)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("the error has the password")
			}
		})
	}
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	w := config(t, "minimal")
	w.Spec.KubernetesVersion = "none"
	w.Spec.Network.NodeCIDR = "none"
	w.Spec.Proxy = &v1alpha1.ProxySpec{HTTP: "none"}
	_, err := nodeconfig.Desired(w, programs(), cluster(t), joining())
	for _, part := range []string{"WindowsNodeConfig minimal: ", "spec.kubernetesVersion", "spec.network.nodeCIDR", "spec.proxy.http"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not in %v", part, err)
		}
	}
}

func TestWhatNoConfigurationCanBeBlamedForIsNotSaidOfAField(t *testing.T) {
	for want, change := range map[string]func(b *nodeconfig.Bundle, k *nodeconfig.Cluster, h *nodeconfig.Host){
		"the bundle is not known": func(b *nodeconfig.Bundle, _ *nodeconfig.Cluster, _ *nodeconfig.Host) {
			b.Digest = "latest"
		},
		"the cluster is not known: its UID, server, domain and version are needed": func(_ *nodeconfig.Bundle, k *nodeconfig.Cluster, _ *nodeconfig.Host) {
			k.UID = ""
		},
		"the cluster's network is not known: the addresses of its DNS, Services and pods are needed": func(_ *nodeconfig.Bundle, k *nodeconfig.Cluster, _ *nodeconfig.Host) {
			k.DNS = nil
		},
		"the host has not joined, and there is no bootstrap token for it": func(_ *nodeconfig.Bundle, _ *nodeconfig.Cluster, h *nodeconfig.Host) {
			h.BootstrapToken = ""
		},
		"reading the authority of API servers: has no certificate in PEM": func(_ *nodeconfig.Bundle, k *nodeconfig.Cluster, _ *nodeconfig.Host) {
			k.Authority = nil
		},
		"reading the authority of kubelets' clients: has no certificate in PEM": func(_ *nodeconfig.Bundle, k *nodeconfig.Cluster, _ *nodeconfig.Host) {
			k.ClientAuthority = nil
		},
		"it lists no files": func(b *nodeconfig.Bundle, _ *nodeconfig.Cluster, _ *nodeconfig.Host) {
			b.Manifest.Files = nil
		},
	} {
		t.Run(want, func(t *testing.T) {
			b, k, h := programs(), cluster(t), joining()
			change(&b, &k, &h)
			_, err := nodeconfig.Desired(config(t, "minimal"), b, k, h)
			if err == nil || err.Error() != want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhatHasToHappenElsewhereIsWaitedFor(t *testing.T) {
	for sentence, c := range map[string]struct {
		config   string
		host     func(h *nodeconfig.Host)
		services []string
		want     []string
	}{
		"a host joins before anything needs its identity": {
			"minimal", func(h *nodeconfig.Host) { *h = joining() },
			[]string{"containerd", "kubelet"},
			[]string{"kube-proxy runs once the node has joined: it has the kubelet's identity."},
		},
		"an overlay needs an address for kube-proxy": {
			"minimal", func(h *nodeconfig.Host) { h.SourceVIP = netip.Addr{} },
			[]string{"containerd", "kubelet"},
			[]string{"kube-proxy runs once an address of the node's subnet is set aside for it: the network flannel.4096 is an overlay."},
		},
		"a network without overlay does not": {
			"flannel-host-gateway", func(h *nodeconfig.Host) { h.SourceVIP = netip.Addr{} },
			[]string{"containerd", "kubelet", "kube-proxy"}, nil,
		},
		"the hybrid overlay gets its subnet after it runs": {
			"hybrid-overlay", func(h *nodeconfig.Host) { h.OVNSubnet = "" },
			[]string{"containerd", "kubelet", "hybrid-overlay-node", "csi-proxy", "windows_exporter", "cloud-node-manager"},
			[]string{"Pods have a network once OVN-Kubernetes has given the node win-2022-a a subnet, in its annotation k8s.ovn.org/hybrid-overlay-node-subnet."},
		},
		"Calico brings its own files": {
			"calico-external", func(*nodeconfig.Host) {},
			[]string{"containerd", "kubelet"},
			[]string{`The node is Ready once Calico's own installation has put 10-calico.conf or 10-calico.conflist in C:\etc\cni\net.d.`},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			h := joined()
			c.host(&h)
			result := desired(t, config(t, c.config), h)
			if diff := cmp.Diff(c.services, serviceNames(result)); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, result.Waiting); diff != "" {
				t.Errorf("waiting (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnExternalNetworkHasNoFilesOfOurs(t *testing.T) {
	c := config(t, "minimal")
	c.Spec.Network = v1alpha1.NodeNetwork{
		Provider: v1alpha1.NetworkExternal,
		External: &v1alpha1.ExternalNetworkSpec{NetworkName: "azure", Files: []string{"10-azure.conflist"}},
	}
	result := desired(t, c, joined())
	for _, file := range result.State.Files {
		if strings.HasPrefix(file.Path.String(), `C:\etc\cni`) {
			t.Errorf("%s is rendered", file.Path)
		}
	}
	want := []string{`The node is Ready once the network's own installation has put 10-azure.conflist in C:\etc\cni\net.d.`}
	if diff := cmp.Diff(want, result.Waiting); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	if !strings.Contains(inline(t, result, `C:\k\kube-proxy.conf`), `"networkName": "azure"`) {
		t.Error("kube-proxy is not told the network")
	}
}

func TestCalicoWithBGPOpensItsPort(t *testing.T) {
	c := config(t, "calico-configured")
	c.Spec.Network.Calico.Backend = v1alpha1.CalicoBGP
	result := desired(t, c, joined())
	if !slices.ContainsFunc(result.State.Firewall, func(r state.FirewallRule) bool {
		return r.Protocol == "TCP" && slices.Contains(r.Ports, 179)
	}) {
		t.Error("no rule for TCP port 179")
	}
	if strings.Contains(inline(t, result, `C:\etc\cni\net.d\10-calico.conflist`), "vxlan") {
		t.Error("the plugin is told to encapsulate")
	}
}

func TestWithoutALogRunnerItIsSaidWhatIsLost(t *testing.T) {
	result, err := nodeconfig.Desired(config(t, "minimal"), without(programs(), "kube-log-runner.exe"), cluster(t), joined())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"The bundle has no kube-log-runner.exe: the kubelet and kube-proxy log nowhere."}, result.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if got := service(t, result, "kubelet").Program.Base(); got != "kubelet.exe" {
		t.Errorf("the service runs %s", got)
	}
}

func TestACertificateInTwoListsIsOneResource(t *testing.T) {
	c, k := config(t, "everything"), cluster(t)
	k.TrustedAuthorities = append(read(t, "proxy-ca.crt"), read(t, "cluster-ca.crt")...)
	result, err := nodeconfig.Desired(c, programs(), k, joined())
	if err != nil {
		t.Fatal(err)
	}
	if len(result.State.Certificates) != 2 {
		t.Errorf("%d certificates: want 2", len(result.State.Certificates))
	}
}

func TestABrokenListOfTheClusterStopsNoHost(t *testing.T) {
	k := cluster(t)
	k.TrustedAuthorities = []byte("none")
	result, err := nodeconfig.Desired(config(t, "minimal"), programs(), k, joined())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"The authorities that the cluster trusts are left out: has no certificate in PEM."}
	if diff := cmp.Diff(want, result.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestANodeIsCalledWhatItIsAskedToBeCalled(t *testing.T) {
	h := joined()
	h.NodeName = "win-2022-a.example.com"
	result := desired(t, config(t, "everything"), h)
	if result.NodeName != h.NodeName || !slices.Contains(service(t, result, "inventory").Arguments, h.NodeName) {
		t.Errorf("the node is called %s", result.NodeName)
	}
}

func TestGoingBackToAnotherBundleIsASwitchOfServices(t *testing.T) {
	before := desired(t, config(t, "minimal"), joined())
	c, b := config(t, "minimal"), programs()
	b.Digest = "sha256:" + strings.Repeat("7", 64)
	c.Spec.Bundle.Image = "registry.example.com/windows/node@" + b.Digest
	after, err := nodeconfig.Desired(c, b, cluster(t), joined())
	if err != nil {
		t.Fatal(err)
	}
	if before.State.Versions.Root != after.State.Versions.Root || before.State.Versions.Current == after.State.Versions.Current {
		t.Errorf("versions are %v and %v", before.State.Versions, after.State.Versions)
	}
	for _, path := range []string{`C:\k\kubelet.conf`, `C:\k\kube-proxy.conf`, `C:\etc\cni\net.d\10-flannel.conf`} {
		if inline(t, before, path) != inline(t, after, path) {
			t.Errorf("%s depends on the version", path)
		}
	}
}

func TestTheAuthorityOfAPIServersDoesNotLetAnybodyUseKubelets(t *testing.T) {
	result := desired(t, config(t, "hybrid-overlay"), joined())
	if got := inline(t, result, `C:\k\kubelet-ca.crt`); got != string(read(t, "client-ca.crt")) {
		t.Errorf("kubelets trust as clients:\n%s", got)
	}
	if got := inline(t, result, `C:\k\api-server-ca.crt`); got != string(read(t, "cluster-ca.crt")) {
		t.Errorf("the hybrid overlay trusts as API server:\n%s", got)
	}
}
