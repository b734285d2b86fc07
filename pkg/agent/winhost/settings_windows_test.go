package winhost

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io/fs"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestVariablesKeepTheirTypeAndAreNotExpanded(t *testing.T) {
	const name = "MULLION_TEST"
	t.Cleanup(func() { _ = environment{}.DeleteVariable(t.Context(), name) })
	if _, err := (environment{}).Variable(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: %v", err)
	}
	for _, want := range []state.EnvironmentValue{
		{Text: `%SystemRoot%\x;C:\k`, Expand: true}, {Text: `%SystemRoot%\x`}, {Text: ""},
	} {
		if err := (environment{}).SetVariable(t.Context(), name, want); err != nil {
			t.Fatal(err)
		}
		if got, err := (environment{}).Variable(t.Context(), "mullion_test"); err != nil || got != want {
			t.Errorf("got %+v, want %+v, error %v", got, want, err)
		}
	}
	for range 2 {
		if err := (environment{}).DeleteVariable(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
}

func TestTellingProgramsOfTheEnvironmentTakesNoTime(t *testing.T) {
	started := time.Now()
	broadcastEnvironment()
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestValuesOfAllTypesAreReadAsTheyWereWritten(t *testing.T) {
	const key = `HKLM\SOFTWARE\MullionTest`
	if err := (keys{}).MakeKey(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]state.RegistryData{
		"":          {Type: state.RegistryString, Text: "the default"},
		"string":    {Type: state.RegistryString, Text: "ä€𝄞"},
		"expand":    {Type: state.RegistryExpand, Text: `%SystemRoot%`},
		"multi":     {Type: state.RegistryMultiString, Texts: []string{"one", "two"}},
		"dword":     {Type: state.RegistryDWord, Number: 1<<32 - 1},
		"qword":     {Type: state.RegistryQWord, Number: 1<<64 - 1},
		"binary":    {Type: state.RegistryBinary, Bytes: []byte{0, 1, 255}},
		"with:name": {Type: state.RegistryString, Text: "a colon"},
	} {
		if err := (keys{}).SetValue(t.Context(), key, name, want); err != nil {
			t.Fatal(err)
		}
		got, err := keys{}.Value(t.Context(), strings.ToLower(key[4:]), name)
		if err == nil {
			t.Errorf("a key without HKLM was found: %+v", got)
		}
		got, err = keys{}.Value(t.Context(), `hklm\`+strings.ToLower(key[5:]), strings.ToUpper(name))
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: got %+v, want %+v, error %v", name, got, want, err)
		}
		if err := (keys{}).DeleteKey(t.Context(), key); !errors.Is(err, host.ErrNotEmpty) {
			t.Errorf("deleting the key with a value: %v", err)
		}
		for range 2 {
			if err := (keys{}).DeleteValue(t.Context(), key, name); err != nil {
				t.Error(err)
			}
		}
		if _, err := (keys{}).Value(t.Context(), key, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s afterwards: %v", name, err)
		}
	}
	for range 2 {
		if err := (keys{}).DeleteKey(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
}

func TestKeysAreMadeOneByOne(t *testing.T) {
	const outer, inner = `HKLM\SOFTWARE\MullionTest`, `HKLM\SOFTWARE\MullionTest\Inner`
	if err := (keys{}).MakeKey(t.Context(), inner); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the one above: %v", err)
	}
	if err := (keys{}).SetValue(t.Context(), outer, "x", state.RegistryData{Type: state.RegistryString}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a value without a key: %v", err)
	}
	for _, key := range []string{outer, inner, inner} {
		if err := (keys{}).MakeKey(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := (keys{}).HasKey(t.Context(), "HKLM"); err != nil || !has {
		t.Errorf("has HKLM: %t, error %v", has, err)
	}
	if has, err := (keys{}).HasKey(t.Context(), inner); err != nil || !has {
		t.Errorf("has it: %t, error %v", has, err)
	}
	if err := (keys{}).DeleteKey(t.Context(), outer); !errors.Is(err, host.ErrNotEmpty) {
		t.Errorf("deleting the outer one: %v", err)
	}
	for _, key := range []string{inner, outer} {
		if err := (keys{}).DeleteKey(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if has, err := (keys{}).HasKey(t.Context(), outer); err != nil || has {
		t.Errorf("has it still: %t, error %v", has, err)
	}
}

func TestCertificatesAreFoundByTheirDigest(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mullion test"},
		NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	digest := state.Digest(der)
	expect := func(want bool) {
		t.Helper()
		if has, err := (certificates{}).HasCertificate(t.Context(), digest); err != nil || has != want {
			t.Errorf("has it: %t, want %t, error %v", has, want, err)
		}
	}
	expect(false)
	for range 2 {
		if err := (certificates{}).AddCertificate(t.Context(), der); err != nil {
			t.Fatal(err)
		}
		expect(true)
	}
	for range 2 {
		if err := (certificates{}).DeleteCertificate(t.Context(), strings.ToUpper(digest)); err != nil {
			t.Fatal(err)
		}
		expect(false)
	}
	if err := (certificates{}).AddCertificate(t.Context(), []byte("nonsense")); err == nil {
		t.Error("nonsense was added")
	}
}

func TestFirewallRulesAreReadAsTheyWereSet(t *testing.T) {
	want := state.FirewallRule{
		Name: "mullion test", Description: "A test", Protocol: "TCP", Ports: []uint16{10250}, Remotes: []string{"10.0.0.0/8"},
		Program: `C:\k\kubelet.exe`,
	}
	if _, err := (firewall{}).Rule(t.Context(), want.Name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: %v", err)
	}
	for _, ports := range [][]uint16{{10250}, {80, 443}, nil} {
		want.Ports = ports
		if err := (firewall{}).SetRule(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		got, err := firewall{}.Rule(t.Context(), "MULLION TEST")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ports %v (-want +got):\n%s", ports, diff)
		}
	}
	for range 2 {
		if err := (firewall{}).DeleteRule(t.Context(), want.Name); err != nil {
			t.Error(err)
		}
	}
	if _, err := (firewall{}).Rule(t.Context(), want.Name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("afterwards: %v", err)
	}
}
