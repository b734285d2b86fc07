package nodeconfig_test

import (
	"cmp"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/bundle"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// token is the secret of the tests: it must be in one place and in no other.
const token = "abcdef.0123456789abcdef"

const bundleDigest = "sha256:4f5c1de00aa94bde6fb1c0a5f02ff2ae1a7a4b5f3e6b1c0b5a2b7f0e9c8d7a61"

func read(t testing.TB, path ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func config(t testing.TB, name string) *v1alpha1.WindowsNodeConfig {
	t.Helper()
	var c v1alpha1.WindowsNodeConfig
	if err := yaml.UnmarshalStrict(read(t, name, "config.yaml"), &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// programs is a bundle that has everything.
func programs() nodeconfig.Bundle {
	m := &bundle.Manifest{Schema: bundle.Schema}
	for i, file := range []struct{ path, component, version string }{
		{"azure-cloud-node-manager.exe", "cloud-provider-azure", "v1.37.0"},
		{"cni/calico-ipam.exe", "calico", "v3.32.0"},
		{"cni/calico.exe", "calico", "v3.32.0"},
		{"cni/flannel.exe", "flannel-cni", "v1.9.0"},
		{"cni/host-local.exe", "cni-plugins", "v1.9.0"},
		{"cni/win-bridge.exe", "cni-plugins", "v1.9.0"},
		{"cni/win-overlay.exe", "cni-plugins", "v1.9.0"},
		{"containerd-shim-runhcs-v1.exe", "hcsshim", "v0.14.0"},
		{"containerd.exe", "containerd", "v2.4.2"},
		{"credential-providers/acr-credential-provider.exe", "cloud-provider-azure", "v1.37.0"},
		{"credential-providers/auth-provider-gcp.exe", "cloud-provider-gcp", "v35.0.0"},
		{"credential-providers/ecr-credential-provider.exe", "cloud-provider-aws", "v1.37.0"},
		{"credential-providers/own-provider.exe", "own", "v1"},
		{"csi-proxy.exe", "csi-proxy", "v1.3.0"},
		{"hybrid-overlay-node.exe", "ovn-kubernetes", "v1.2.0"},
		{"kube-log-runner.exe", "kubernetes", "v1.37.2"},
		{"kube-proxy.exe", "kubernetes", "v1.37.2"},
		{"kubelet.exe", "kubernetes", "v1.37.2"},
		{"tools/inventory.exe", "inventory", "v7"},
		{"windows_exporter.exe", "windows_exporter", "v0.31.3"},
	} {
		m.Files = append(m.Files, bundle.File{
			Path: file.path, Size: int64(1000 + i), SHA256: state.Digest([]byte(file.path)),
			Executable: true, Component: file.component, Version: file.version,
		})
	}
	slices.SortFunc(m.Files, func(a, b bundle.File) int { return cmp.Compare(a.Path, b.Path) })
	return nodeconfig.Bundle{Digest: bundleDigest, Manifest: m}
}

// without is a bundle that lacks files.
func without(b nodeconfig.Bundle, paths ...string) nodeconfig.Bundle {
	b.Manifest.Files = slices.DeleteFunc(b.Manifest.Files, func(f bundle.File) bool { return slices.Contains(paths, f.Path) })
	return b
}

func cluster(t testing.TB) nodeconfig.Cluster {
	t.Helper()
	return nodeconfig.Cluster{
		UID:             "b5c0a7de-9d0c-4f39-8f7b-0d3c7c9a4b11",
		Server:          "https://api.cluster.example.com:6443",
		Authority:       read(t, "cluster-ca.crt"),
		ClientAuthority: read(t, "client-ca.crt"),
		ServerVersion:   version.MustParseSemantic("v1.37.4"),
		DNS:             []netip.Addr{netip.MustParseAddr("10.96.0.10")},
		Domain:          "cluster.local",
		ServiceCIDRs:    []netip.Prefix{netip.MustParsePrefix("10.96.0.0/12")},
		PodCIDRs:        []netip.Prefix{netip.MustParsePrefix("10.244.0.0/16")},
	}
}

// joining is a host that is not a node yet, with two networks.
func joining() nodeconfig.Host {
	return nodeconfig.Host{
		BootstrapToken: token,
		Facts: state.Facts{
			Build: "10.0.20348", Hostname: "WIN-2022-A",
			DefaultRoute: &state.Route{Network: "Ethernet", Gateway: "10.0.0.1"},
			Networks: []state.Network{
				{Name: "Ethernet", Addresses: []string{"fe80::1/64", "10.0.3.7/16"}},
				{Name: "Ethernet 2", Addresses: []string{"10.1.3.7/16"}},
				{Name: "Loopback", Addresses: []string{"127.0.0.1/8"}},
			},
		},
	}
}

// joined is the same host as a node.
func joined() nodeconfig.Host {
	h := joining()
	h.BootstrapToken = ""
	h.Joined = true
	h.OVNSubnet = "10.132.4.0/24"
	h.SourceVIP = netip.MustParseAddr("10.244.4.254")
	return h
}

// loggedInTo is the host with lines for the keys by which it is logged in to, and for one by which it no longer is.
func loggedInTo(h nodeconfig.Host) nodeconfig.Host {
	h.AuthorizedKeys = []string{
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkIZ4KAqfHsR4l6Y3y7Rr7cYb3qJzVtVqzWpyc+9m5k",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJwGvdBa4PMbLC5HkIjoxjbn9gH7RLF0E3l6cYx3aZ0d",
	}
	h.RetiredKeys = []string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOldOldOldOldOldOldOldOldOldOldOldOldOldOldOld"}
	return h
}

func desired(t *testing.T, c *v1alpha1.WindowsNodeConfig, h nodeconfig.Host) nodeconfig.Result {
	t.Helper()
	result, err := nodeconfig.Desired(c, programs(), cluster(t), h)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// inline is the content of a file.
func inline(t *testing.T, r nodeconfig.Result, path string) string {
	t.Helper()
	for _, file := range r.State.Files {
		if strings.EqualFold(file.Path.String(), path) && file.Inline != nil {
			return *file.Inline
		}
	}
	t.Fatalf("no file %s with content", path)
	return ""
}

func service(t *testing.T, r nodeconfig.Result, name string) state.Service {
	t.Helper()
	at := slices.IndexFunc(r.State.Services, func(s state.Service) bool { return s.Name == name })
	if at < 0 {
		t.Fatalf("no service %s", name)
	}
	return r.State.Services[at]
}

func serviceNames(r nodeconfig.Result) []string {
	var names []string
	for _, s := range r.State.Services {
		names = append(names, s.Name)
	}
	return names
}
