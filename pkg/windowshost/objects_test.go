package windowshost

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io/fs"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/bundle"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

func newPolicy() *v1alpha1.WindowsBuildPolicy {
	return &v1alpha1.WindowsBuildPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: policyDef},
		Spec: v1alpha1.WindowsBuildPolicySpec{Builds: []v1alpha1.BuildRule{{
			Build: build2022, NodeConfigRef: &v1alpha1.NodeConfigReference{Name: configDef},
		}}},
	}
}

func newConfig(name, kubernetes string) *v1alpha1.WindowsNodeConfig {
	return &v1alpha1.WindowsNodeConfig{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), Generation: 1},
		Spec: v1alpha1.WindowsNodeConfigSpec{
			KubernetesVersion: kubernetes,
			Bundle:            v1alpha1.BundleReference{Image: "registry.example.com/node@" + bundleDigest(kubernetes)},
			Network:           v1alpha1.NodeNetwork{Provider: v1alpha1.NetworkFlannel, Flannel: &v1alpha1.FlannelSpec{Backend: v1alpha1.FlannelHostGateway}},
			Taints:            []corev1.Taint{{Key: "os", Value: "Windows", Effect: corev1.TaintEffectNoSchedule}},
			Labels:            map[string]string{"node-role.kubernetes.io/windows": ""},
		},
	}
}

// setVersion lets a configuration have another version.
func setVersion(kubernetes string) func(*v1alpha1.WindowsNodeConfig) {
	return func(c *v1alpha1.WindowsNodeConfig) {
		c.Spec.KubernetesVersion = kubernetes
		c.Spec.Bundle.Image = "registry.example.com/node@" + bundleDigest(kubernetes)
	}
}

func bundleDigest(kubernetes string) string { return "sha256:" + state.Digest([]byte(kubernetes)) }

// fakeBundles are small bundles of every version.
type fakeBundles struct {
	more []string // paths
	err  error
}

func (f fakeBundles) Bundle(_ context.Context, config *v1alpha1.WindowsNodeConfig) (Bundle, error) {
	kubernetes := config.Spec.KubernetesVersion
	manifest, contents := &bundle.Manifest{Schema: bundle.Schema}, fakeContents{}
	if f.err != nil {
		return Bundle{}, f.err
	}
	paths := append([]string{
		"cni/flannel.exe", "cni/host-local.exe", "cni/win-bridge.exe", "containerd-shim-runhcs-v1.exe", "containerd.exe",
		"kube-log-runner.exe", "kube-proxy.exe", "kubelet.exe",
	}, f.more...)
	slices.Sort(paths)
	for _, path := range paths {
		content := []byte(path + " " + kubernetes)
		contents[state.Digest(content)] = content
		v := "v2.4.2"
		if strings.HasPrefix(path, "kube") {
			v = kubernetes
		}
		manifest.Files = append(manifest.Files, bundle.File{
			Path: path, Size: int64(len(content)), SHA256: state.Digest(content), Executable: true, Component: "x", Version: v,
		})
	}
	return Bundle{nodeconfig.Bundle{Digest: bundleDigest(kubernetes), Manifest: manifest}, contents}, nil
}

func (s *scene) bundlesWith(paths ...string) { s.bundles.more = paths }

type fakeContents map[string][]byte

func (c fakeContents) Open(_ context.Context, sha256 string) (remote.Content, error) {
	content, found := c[sha256]
	if !found {
		return nil, fs.ErrNotExist
	}
	return noClose{bytes.NewReader(content)}, nil
}

type noClose struct{ *bytes.Reader }

func (noClose) Close() error { return nil }

// fakeCluster is what nodes have to know.
type fakeCluster struct {
	facts nodeconfig.Cluster
	err   error
}

func (c *fakeCluster) Cluster(context.Context) (nodeconfig.Cluster, error) { return c.facts, c.err }

func newFakeCluster(t *testing.T) *fakeCluster {
	t.Helper()
	authority := newAuthority(t)
	return &fakeCluster{facts: nodeconfig.Cluster{
		UID: "cluster-1", Server: "https://api.example.com:6443", Authority: authority, ClientAuthority: authority,
		ServerVersion: version.MustParseSemantic("v1.37.4"), DNS: []netip.Addr{netip.MustParseAddr("10.96.0.10")},
		Domain: "cluster.local", ServiceCIDRs: []netip.Prefix{netip.MustParsePrefix("10.96.0.0/12")},
		PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.244.0.0/16")},
	}}
}

func newAuthority(t *testing.T) []byte {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}
