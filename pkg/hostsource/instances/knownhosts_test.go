package instances_test

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource/instances"
)

// publicKey is the n-th of a series of keys: its line, as in authorized_keys, and its pin.
func publicKey(t testing.TB, n byte) (line, pin string) {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	key, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))), "ssh-ed25519 " + ssh.FingerprintSHA256(key)
}

func TestKeysOfHostsAreReadAsSSHKeyscanWritesThem(t *testing.T) {
	one, pinOne := publicKey(t, 1)
	two, pinTwo := publicKey(t, 2)
	authority, _ := publicKey(t, 3)
	known, problems := instances.ParseKnownHosts(strings.Join([]string{
		"# 10.1.42.1:22 SSH-2.0-OpenSSH_for_Windows_9.5",
		"10.1.42.1 " + one,
		"",
		"10.1.42.1,WIN-2.example.com " + two + " a comment",
		"10.1.42.1 " + one,
		"[10.1.42.1]:2222 " + authority,
		"@cert-authority *.example.com " + authority,
	}, "\r\n"))
	if len(problems) > 0 {
		t.Fatalf("problems %v", problems)
	}
	for address, want := range map[string]v1alpha1.HostKeyTrust{
		"10.1.42.1":         {Fingerprints: []string{pinOne, pinTwo}},
		"win-2.example.com": {Fingerprints: []string{pinTwo}, Authorities: []string{authority}},
		"win-3.example.com": {Authorities: []string{authority}},
		"example.com":       {},
		"10.1.42.11":        {},
	} {
		got := known.Trust(address)
		sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
		if diff := cmp.Diff(want, got, sorted); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}

func TestALineThatCannotBeUsedIsReportedAndStopsNoOther(t *testing.T) {
	key, _ := publicKey(t, 1)
	for sentence, c := range map[string]struct{ line, want string }{
		"a hashed name":   {"|1|7bVV5XJiNN2HiC/Rm2Bz7m7vVFQ=|KYLz0Xk1Tc8aBTXLeyZtHZxWXZw= " + key, "hashed"},
		"a revoked key":   {"@revoked 10.1.42.2 " + key, `marked "revoked"`},
		"an exclusion":    {"10.1.42.2,!10.1.42.3 " + key, "excludes"},
		"no key":          {"10.1.42.2", "as a line of known_hosts"},
		"half a key":      {"10.1.42.2 ssh-ed25519 AAAAC3Nz", "as a line of known_hosts"},
		"something other": {"-----BEGIN OPENSSH PRIVATE KEY-----", "as a line of known_hosts"},
	} {
		t.Run(sentence, func(t *testing.T) {
			known, problems := instances.ParseKnownHosts(c.line + "\n10.1.42.1 " + key)
			if len(problems) != 1 || problems[0].Line != 1 || !strings.Contains(problems[0].Err.Error(), c.want) {
				t.Errorf("problems %v, want one of line 1 that says %s", problems, c.want)
			}
			if len(known.Trust("10.1.42.1").Fingerprints) != 1 {
				t.Error("the other line is not read")
			}
			if trust := known.Trust("10.1.42.2"); len(trust.Fingerprints)+len(trust.Authorities) > 0 {
				t.Errorf("trusts %v", trust)
			}
		})
	}
}

func TestGivenKeysAreBelievedInPlaceOfTrustOnFirstUseAndFollowTheirList(t *testing.T) {
	one, pinOne := publicKey(t, 1)
	other, pinTwo := publicKey(t, 2)
	given := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "windows-instances-known-hosts"},
		Data:       map[string]string{"known_hosts": "10.1.42.1 " + one},
	}
	h := newHarness(t, list(two(), annotated(v1alpha1.AnnotationTrustOnFirstUse, "true")), given)
	expect := func(address string, want v1alpha1.HostKeyTrust) {
		t.Helper()
		h.mustReconcile()
		if diff := cmp.Diff(want, h.host(address).Spec.HostKeys); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
	expect("10.1.42.1", v1alpha1.HostKeyTrust{Fingerprints: []string{pinOne}})
	expect("win-2.example.com", v1alpha1.HostKeyTrust{TrustOnFirstUse: true})

	given.Data["known_hosts"] = "10.1.42.1 " + other + "\nnonsense"
	if err := h.cluster.Update(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	expect("10.1.42.1", v1alpha1.HostKeyTrust{Fingerprints: []string{pinTwo}})
	if told := h.told(); len(told) != 1 || !strings.HasPrefix(told[0], "Warning EntryUnusable line 2: ") {
		t.Errorf("events %q", told)
	}
}

func FuzzKnownHosts(f *testing.F) {
	key, _ := publicKey(f, 1)
	for _, seed := range []string{"10.1.42.1 " + key, "@cert-authority * " + key, "@revoked x " + key, "|1|a|b " + key, "# x\n\n", "[a]:1 " + key} {
		f.Add(seed, "10.1.42.1")
	}
	f.Fuzz(func(t *testing.T, text, address string) {
		known, problems := instances.ParseKnownHosts(text)
		for _, p := range problems {
			if p.Line < 1 || p.Err == nil {
				t.Errorf("problem %v", p)
			}
		}
		if trust := known.Trust(address); trust.TrustOnFirstUse || fmt.Sprint(trust) != fmt.Sprint(known.Trust(address)) {
			t.Errorf("trust %v", trust)
		}
	})
}
