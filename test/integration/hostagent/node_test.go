package hostagent

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// probe is a program that is a service; each of its starts leaves a file below C:\probe.
var probe = built("./test/winhost/internal/probe")

// secret must not be seen anywhere.
const secret = "not-to-be-seen-anywhere"

// node is a host with two services, one of which needs the other, and something of each kind.
type node struct {
	desired  *state.Desired
	contents [][]byte
}

// newNode is one version of it: programs of another version differ in their last byte.
func newNode(t *testing.T, version string) node {
	t.Helper()
	program, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	program = append(append([]byte(nil), program...), version...)
	file := func(path winpath.Path) state.File {
		return state.File{Path: path, SHA256: state.Digest(program), Size: int64(len(program))}
	}
	value, config := "containerd "+version, `{"version": "`+version+`"}`
	token := "token: " + secret + version + "\n"
	root := winpath.Path(`C:\k\versions`).Join(version)
	return node{contents: [][]byte{program}, desired: &state.Desired{
		Schema: state.Schema, Owner: "a test",
		Versions: &state.Versions{Root: `C:\k\versions`, Current: version, Keep: 1},
		Directories: []state.Directory{
			{Path: `C:\k\secret`, Access: state.AccessAdministrators}, {Path: `C:\var\lib\kubelet`, Purge: true},
		},
		Files: []state.File{
			file(root.Join("kubelet.exe")), file(`C:\k\containerd.exe`),
			{Path: `C:\k\kubelet.json`, Inline: &config, Format: state.FormatJSON},
			{Path: `C:\k\secret\bootstrap.conf`, Inline: &token, Secret: true, Access: state.AccessAdministrators},
			{Path: hostsFile, Lines: []string{"192.0.2.1 registry." + version}},
		},
		Variables: []state.Variable{
			{Name: "CONTAINER_RUNTIME", Value: &value},
			{Name: "PATH", Entries: []string{`C:\k\bin`}},
			{Name: "NO_PROXY", Entries: []string{".svc", "10.0.0.0/8"}, Separator: ","},
		},
		Registry: []state.RegistryValue{
			{Key: `HKLM\SOFTWARE\Mullion\Node`, Name: "Version", Data: state.RegistryData{Type: state.RegistryString, Text: version}},
			{Key: `HKLM\SOFTWARE\Mullion\Node`, Name: "Flags", Data: state.RegistryData{Type: state.RegistryDWord, Number: 7}},
		},
		Certificates: []state.Certificate{{PEM: authority(t)}},
		Firewall:     []state.FirewallRule{{Name: "kubelet", Protocol: "TCP", Ports: []uint16{10250}, Remotes: []string{"10.0.0.0/8"}}},
		Services: []state.Service{
			{
				Name: "kubelet", Program: root.Join("kubelet.exe"), Arguments: []string{"run", "kubelet"},
				DependsOn: []string{"containerd"}, After: []state.ID{{Kind: state.KindFile, Name: `C:\k\kubelet.json`}},
			},
			{
				Name: "containerd", Program: `C:\k\containerd.exe`, Arguments: []string{"run", "containerd"},
				Recovery:  state.Recovery{RestartAfterSeconds: []int{1}, ResetAfterSeconds: 3600},
				Variables: []state.ServiceVariable{{Name: "FLAVOR", Value: secret + version, Secret: true}},
			},
		},
	}}
}

const hostsFile = `C:\windows\system32\drivers\etc\hosts`

// authority is a certificate.
func authority(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// bring brings contents to where the agent looks for them.
func (h host) bring(n node) {
	h.t.Helper()
	for _, content := range n.contents {
		h.write(store.New(nil, store.DefaultRoot).ContentPath(state.Digest(content)).String(), content)
	}
}
