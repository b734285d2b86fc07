package apply_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

const (
	hosts     winpath.Path = `C:\Windows\System32\drivers\etc\hosts`
	adminsLog winpath.Path = `C:\var\log\admin.log`
	token                  = "s3cr3t-bootstrap-token"
)

// adminsHost is a host on which somebody lives already.
func adminsHost(t *testing.T) *memhost.Machine {
	t.Helper()
	m := memhost.New()
	m.WriteFile(hosts, "# hosts\r\n127.0.0.1 localhost") // without an ending, as editors leave it
	m.WriteFile(adminsLog, "kept for the auditors\n")
	m.WriteFile(`C:\etc\motd.txt`, "hello\r\n")
	m.WriteFile(`C:\Windows\spooler.exe`, "spooler")
	ctx := t.Context()
	on := m.Host()
	for _, err := range []error{
		m.Install(ctx, "Spooler", state.ServiceConfig{
			CommandLine: `"C:\Windows\spooler.exe"`, Start: state.StartAutomatic, Account: state.LocalSystem,
		}),
		on.Environment.SetVariable(ctx, "NO_PROXY", state.EnvironmentValue{Text: "localhost,.corp"}),
		on.Environment.SetVariable(ctx, "EDITOR", state.EnvironmentValue{Text: "vim"}),
		on.Registry.MakeKey(ctx, `HKLM\SOFTWARE\Corp`),
		on.Registry.SetValue(ctx, `HKLM\SOFTWARE\Corp`, "Site", state.RegistryData{Type: state.RegistryString, Text: "HQ"}),
		on.Firewall.SetRule(ctx, state.FirewallRule{Name: "corp", Protocol: "TCP", Ports: []uint16{3389}}),
		on.System.Flush(ctx),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// upload is a manager copying content to the host.
func upload(m *memhost.Machine, contents ...string) {
	for _, content := range contents {
		m.WriteFile(store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte(content))), content)
	}
}

func applier(m *memhost.Machine) *apply.Applier {
	on := m.Host()
	return &apply.Applier{
		Host: on, Store: store.New(on.Files, store.DefaultRoot), Holder: "a test", Limits: apply.DefaultLimits(),
	}
}

func binary(path winpath.Path, content string) state.File {
	return state.File{Path: path, SHA256: state.Digest([]byte(content)), Size: int64(len(content))}
}

func text(value string) *string { return &value }

// desired is a node in one of two versions, which differ in every kind of resource.
func desired(version string) *state.Desired {
	root := winpath.Path(`C:\k\versions`).Join(version)
	d := &state.Desired{
		Schema: state.Schema, Owner: "cluster-1",
		Versions: &state.Versions{Root: `C:\k\versions`, Current: version, Keep: 1},
		Directories: []state.Directory{
			{Path: `C:\var\lib\kubelet`, Purge: true},
			{Path: `C:\k\secret`, Access: state.AccessAdministrators},
		},
		Files: []state.File{
			binary(root.Join("containerd.exe"), "containerd "+version),
			binary(root.Join("kubelet.exe"), "kubelet "+version),
			binary(`C:\k\proxy.exe`, "proxy "+version),
			{Path: `C:\k\kubelet.json`, Inline: text(`{"a": 1, "version": "` + version + `"}`), Format: state.FormatJSON},
			{Path: `C:\k\secret\bootstrap.conf`, Inline: text("token: " + token + version + "\n"), Secret: true,
				Access: state.AccessAdministrators},
			{Path: hosts, Lines: []string{"192.0.2.1 registry", "192.0.2.2 api." + version}},
			{Path: `C:\etc\motd.txt`, Inline: text("managed " + version + "\n"), Format: state.FormatText,
				LineEnding: state.LineEndingCRLF},
		},
		Variables: []state.Variable{
			{Name: "CONTAINER_RUNTIME", Value: text("containerd " + version)},
			{Name: "Path", Entries: []string{root.String(), `C:\k\bin`}},
			{Name: "NO_PROXY", Entries: []string{".svc", version + ".example.com"}, Separator: ","},
		},
		Registry: []state.RegistryValue{
			{Key: `HKLM\SOFTWARE\Mullion\Node`, Name: "Version",
				Data: state.RegistryData{Type: state.RegistryString, Text: version}},
			{Key: `HKLM\SOFTWARE\Mullion\Node`, Name: "Count", Data: state.RegistryData{Type: state.RegistryDWord, Number: 7}},
			{Key: `HKLM\SOFTWARE\Corp`, Name: "Site", Data: state.RegistryData{Type: state.RegistryString, Text: version}},
		},
		Certificates: []state.Certificate{{PEM: certificate(version)}},
		Firewall: []state.FirewallRule{
			{Name: "corp", Protocol: "TCP", Ports: []uint16{3389, 22}},
			{Name: "kubelet " + version, Protocol: "TCP", Ports: []uint16{10250}},
		},
		Services: []state.Service{
			{Name: "kubelet", Program: root.Join("kubelet.exe"), Arguments: []string{`--config=C:\k\kubelet.json`},
				DependsOn: []string{"containerd"}, Ports: []uint16{10250}, Log: `C:\var\log\kubelet.log`,
				After: []state.ID{{Kind: state.KindFile, Name: `C:\k\secret\bootstrap.conf`}}},
			{Name: "containerd", Program: root.Join("containerd.exe"),
				Recovery:  state.Recovery{RestartAfterSeconds: []int{5}, ResetAfterSeconds: 3600},
				Variables: []state.ServiceVariable{{Name: "TOKEN", Value: token + version, Secret: true}}},
			{Name: "kube-proxy", Program: `C:\k\proxy.exe`, DependsOn: []string{"kubelet"}},
		},
	}
	if version == "v1" {
		d.Services = append(d.Services, state.Service{Name: "csi-proxy", Program: `C:\k\csi.exe`, DependsOn: []string{"containerd"}})
		d.Files = append(d.Files, binary(`C:\k\csi.exe`, "csi"))
		d.Directories = append(d.Directories, state.Directory{Path: `C:\k\old`})
	}
	return d
}

// contents are what has to be uploaded for a version.
func contents(version string) []string {
	return []string{"containerd " + version, "kubelet " + version, "proxy " + version, "csi"}
}

// certificate is the same one for the same name, in all tests.
func certificate(name string) string {
	certificatesMutex.Lock()
	defer certificatesMutex.Unlock()
	if made, exists := certificates[name]; exists {
		return made
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificates[name] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return certificates[name]
}

var (
	certificatesMutex sync.Mutex
	certificates      = map[string]string{}
)

func mustApply(t *testing.T, m *memhost.Machine, d *state.Desired) apply.Report {
	t.Helper()
	report, err := applier(m).Apply(t.Context(), d, apply.NoSkew)
	if err != nil {
		t.Fatalf("applying: %v", err)
	}
	return report
}

func mustRemove(t *testing.T, m *memhost.Machine) apply.Report {
	t.Helper()
	report, err := applier(m).Remove(t.Context(), "")
	if err != nil {
		t.Fatalf("removing: %v", err)
	}
	return report
}
