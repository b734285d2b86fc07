package host

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mullion-dev/mullion/cmd/internal/registryca"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/bundle/origins"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
	"github.com/mullion-dev/mullion/test/registry"
)

const token = "abcdef.0123456789abcdef"

const components = `
components:
- {name: kubernetes, version: v1.37.2, files: ["kube*.exe"]}
- {name: containerd, version: v2.4.2, files: ["containerd*.exe"]}
- {name: calico, version: v3.32.0, files: ["cni/*.exe"]}
`

const clusterFacts = `---
apiVersion: local.mullion.dev/v1
kind: ClusterFacts
uid: b5c0a7de-9d0c-4f39-8f7b-0d3c7c9a4b11
server: https://api.cluster.example.com:6443
version: v1.37.4
authorityFile: ca.crt
dns: [10.96.0.10]
serviceCIDRs: [10.96.0.0/12]
podCIDRs: [10.244.0.0/16]
node:
  name: win-1
  bootstrapTokenFile: token
`

// node makes a host that can be a node, with a bundle and a configuration for it.
func node(t *testing.T) (f *fixture, artifact *oci.Artifact) {
	t.Helper()
	f = start(t, remotetest.Options{})
	f.Machine.SetFacts(func(facts *state.Facts) {
		facts.Hostname = "WIN-1"
		facts.Networks = []state.Network{{Name: "Ethernet", Addresses: []string{"192.0.2.10/24"}}}
		facts.DefaultRoute = &state.Route{Network: "Ethernet", Gateway: "192.0.2.1"}
	})
	programs := []string{"containerd.exe", "containerd-shim-runhcs-v1.exe", "kubelet.exe", "kube-proxy.exe", "kube-log-runner.exe",
		"cni/calico.exe", "cni/calico-ipam.exe"}
	for _, program := range programs {
		f.write(t, "node/"+program, "MZ, "+program)
	}
	f.write(t, "node.yaml", components)
	f.write(t, "ca.crt", authority(t))
	f.write(t, "token", token+"\n")
	var err error
	artifact, err = origins.Build(t.Context(), f.path("node"), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = artifact.Close() })
	f.configure(t, artifact, "registry.example.com")
	return f, artifact
}

// configure writes a configuration that names a bundle in a registry.
func (f *fixture) configure(t *testing.T, artifact *oci.Artifact, host string) {
	t.Helper()
	digest, err := artifact.Digest()
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, "node-config.yaml", `
apiVersion: mullion.dev/v1alpha1
kind: WindowsNodeConfig
metadata:
  name: calico
spec:
  kubernetesVersion: v1.37.2
  bundle:
    image: `+host+`/windows/node@`+digest+`
  network:
    provider: Calico
  kubeProxy:
    deployment: None
`+clusterFacts)
}

func authority(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cluster"}, NotAfter: time.Unix(1<<32, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestANodeIsPlannedFromItsConfigurationAndWhatStandsInForTheCluster(t *testing.T) {
	f, _ := node(t)
	got := f.execute(t, "", "plan", "--config", f.path("node-config.yaml"), "--bundle", f.path("node")).expect(t, exit.Findings)
	mentions(t, got.out, "service/kubelet", "service/containerd", `file/C:\k\bootstrap-kubeconfig`, "feature/Containers", "needs a reboot)", "^ upload sha256:")
	if strings.Contains(got.out+got.errOut, token) {
		t.Error("the token is shown")
	}
}

func TestANodeIsConfiguredWithAReboot(t *testing.T) {
	f, _ := node(t)
	got := f.execute(t, "", "apply", "--config", f.path("node-config.yaml"), "--bundle", f.path("node"), "--yes", "--reboot").expect(t, exit.OK)
	mentions(t, got.out, "Restarting the host.", "Verified: the host is as desired.")
	if !f.Machine.Running("kubelet") || !f.Machine.Running("containerd") {
		t.Error("its services do not run")
	}
}

func TestABundleComesFromTheRegistryThatTheConfigurationNames(t *testing.T) {
	f, artifact := node(t)
	running, err := registry.Start(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	tag, err := name.NewTag(running.Host()+"/windows/node:v1", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := artifact.Push(t.Context(), tag); err != nil {
		t.Fatal(err)
	}
	f.configure(t, artifact, running.Host())
	got := f.execute(t, "", "plan", "--config", f.path("node-config.yaml"), "--insecure-registry", "--bundle-cache", f.path("cache")).expect(t, exit.Findings)
	mentions(t, got.out, "service/kubelet")
	mentions(t, got.errOut, "fetching bundle "+running.Host())
	f.execute(t, "", "plan", "--config", f.path("node-config.yaml"), "--insecure-registry").expect(t, exit.Findings)
}

func TestABundleComesFromARegistryOfAPrivateAuthority(t *testing.T) {
	f, artifact := node(t)
	running, err := registry.Start(registry.Options{TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if err := os.WriteFile(f.path("ca.pem"), running.CABundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	authority := registryca.Options{File: f.path("ca.pem")}
	transport, err := authority.Transport()
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(running.Host() + "/windows/node:v1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := artifact.Push(t.Context(), tag, remote.WithTransport(transport)); err != nil {
		t.Fatal(err)
	}
	f.configure(t, artifact, running.Host())
	got := f.execute(t, "", "plan", "--config", f.path("node-config.yaml"), "--registry-ca-file", f.path("ca.pem")).expect(t, exit.Findings)
	mentions(t, got.out, "service/kubelet")
}

func TestWhatIsWrongWithAConfigurationIsSaid(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(string) string
		want   string
	}{
		"no facts of a cluster": {func(s string) string { s, _, _ = strings.Cut(s, "---"); return s }, "there is no ClusterFacts"},
		"no configuration":      {func(s string) string { _, s, _ = strings.Cut(s, "---"); return s }, "there is no WindowsNodeConfig"},
		"two of a kind":         {func(s string) string { return s + clusterFacts }, "there are two documents of the same kind"},
		"another kind":          {func(s string) string { return s + "---\napiVersion: v1\nkind: Pod\n" }, "Pod of v1 is neither"},
		"an unknown field":      {func(s string) string { return strings.Replace(s, "dns:", "dsn:", 1) }, `unknown field "dsn"`},
		"an authority that is nowhere": {func(s string) string { return strings.Replace(s, "ca.crt", "none.crt", 1) },
			"ClusterFacts: authorityFile: open "},
		"a token that is nowhere":   {func(s string) string { return strings.Replace(s, "File: token", "File: none", 1) }, "node.bootstrapTokenFile: open "},
		"a token of who has joined": {func(s string) string { return s + "  joined: true\n" }, "needs no token"},
		"a version that is none":    {func(s string) string { return strings.Replace(s, "version: v1.37.4", "version: new", 1) }, "ClusterFacts: version: "},
		"a cluster that is too old": {func(s string) string { return strings.Replace(s, "version: v1.37.4", "version: v1.30.0", 1) }, "spec.kubernetesVersion"},
		"another bundle":            {func(s string) string { return strings.Replace(s, "@sha256:", "@sha256:0000", 1) }, "spec.bundle.image"},
	} {
		t.Run(sentence, func(t *testing.T) {
			f, _ := node(t)
			content := c.change(f.read(t, "node-config.yaml"))
			f.write(t, "node-config.yaml", content)
			got := f.execute(t, "", "plan", "--config", f.path("node-config.yaml"), "--bundle", f.path("node")).expect(t, exit.Failure)
			mentions(t, got.err.Error(), c.want)
		})
	}
}

func TestWhatIsWrongWithADesiredStateIsSaid(t *testing.T) {
	for sentence, c := range map[string]struct{ document, want string }{
		"a source that is nowhere":  {strings.Replace(desired, "web/server.exe", "web/client.exe", 1), "files[0].source: there is no web/client.exe"},
		"a source and a digest":     {strings.Replace(desired, "  source", "  size: 1\n  source", 1), "files[0].source: it takes the place of"},
		"a source that is no path":  {strings.Replace(desired, "web/server.exe", "[]", 1), "files[0].source: it is not a path"},
		"a list":                    {"[]", "it is not an object"},
		"files that are no list":    {"files: {}", "files: it is not a list"},
		"no YAML":                   {"\t", "host.yaml: "},
		"a field that there is not": {desired + "color: red\n", "color"},
		"no owner":                  {strings.Replace(desired, "owner: web-team", "", 1), "owner"},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := start(t, remotetest.Options{})
			f.write(t, "host.yaml", c.document)
			mentions(t, f.execute(t, "", "plan", f.shall()...).expect(t, exit.Failure).err.Error(), "--desired: ", c.want)
		})
	}
}

func TestContentIsFoundByItsDigest(t *testing.T) {
	f := start(t, remotetest.Options{})
	const content = "MZ, a web server"
	byDigest := strings.Replace(desired, "source: web/server.exe", "sha256: "+state.Digest([]byte(content))+"\n  size: 16", 1)
	f.write(t, "host.yaml", byDigest)
	f.execute(t, "", "apply", f.shall()...).expect(t, exit.OK)

	f = start(t, remotetest.Options{})
	f.write(t, "host.yaml", byDigest)
	f.write(t, "files/web/server.exe", "MZ, another one")
	mentions(t, f.execute(t, "", "apply", f.shall()...).expect(t, exit.Failure).err.Error(), "no file in the directory of --content has it")
}
