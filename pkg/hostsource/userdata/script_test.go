package userdata_test

import (
	"crypto/ed25519"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/hostsource/userdata"
)

var update = flag.Bool("update", false, "write the golden files anew")

// signer is the n-th of a series of keys.
func signer(t testing.TB, n byte) (ssh.Signer, ed25519.PrivateKey) {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	private := ed25519.NewKeyFromSeed(seed)
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s, private
}

func publicKey(t testing.TB, n byte) ssh.PublicKey {
	t.Helper()
	s, _ := signer(t, n)
	return s.PublicKey()
}

func TestUserDataOfEachPlatformIsAsReviewed(t *testing.T) {
	for _, platform := range []userdata.Platform{userdata.AWS, userdata.Azure, userdata.GCP, userdata.VSphere, userdata.Nutanix} {
		t.Run(string(platform), func(t *testing.T) {
			got, err := userdata.Script(platform, []ssh.PublicKey{publicKey(t, 1), publicKey(t, 2)})
			if err != nil {
				t.Fatal(err)
			}
			golden := "testdata/" + strings.ToLower(string(platform)) + ".txt"
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("it differs; go test with -update writes it anew (-want +got):\n%s", diff)
			}
		})
	}
}

// Providers limit user data: AWS to 16 KiB, Azure to 64 KiB.
func TestUserDataFitsEveryProvider(t *testing.T) {
	got, err := userdata.Script(userdata.AWS, []ssh.PublicKey{publicKey(t, 1), publicKey(t, 2), publicKey(t, 3)})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) > 12<<10 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestTheScriptIsPlainASCII(t *testing.T) {
	got, err := userdata.Script(userdata.GCP, []ssh.PublicKey{publicKey(t, 1)})
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range got {
		if b > 126 || b < 32 && b != '\n' {
			t.Fatalf("byte %d is %#x: Windows PowerShell reads files without a mark in the system's code page", i, b)
		}
	}
}

func TestUserDataNeedsAKeyAndAPlatformThatIsKnown(t *testing.T) {
	if _, err := userdata.Script(userdata.AWS, nil); err == nil {
		t.Error("made without a key")
	}
	if _, err := userdata.Script("BareMetal", []ssh.PublicKey{publicKey(t, 1)}); err == nil {
		t.Error("made for a platform that is not known")
	}
}

func TestPlatformsAreReadInAnyCase(t *testing.T) {
	for name, want := range map[string]userdata.Platform{"aws": userdata.AWS, "vSphere": userdata.VSphere, "Nutanix": userdata.Nutanix} {
		if got, err := userdata.ParsePlatform(name); err != nil || got != want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if _, err := userdata.ParsePlatform("none"); err == nil || !strings.Contains(err.Error(), "AWS, Azure, GCP, Nutanix, VSphere") {
		t.Errorf("got %v", err)
	}
}

// anyKey is a public key that says what it likes of itself.
type anyKey struct {
	kind string
	blob []byte
}

func (k anyKey) Type() string                        { return k.kind }
func (k anyKey) Marshal() []byte                     { return k.blob }
func (k anyKey) Verify([]byte, *ssh.Signature) error { return nil }

func FuzzNoKeyGetsOutOfItsQuotes(f *testing.F) {
	f.Add("ssh-ed25519", []byte("0123456789abcdef"))
	f.Add("ssh-ed25519'; Remove-Item C:\\ -Recurse; '", []byte("0123456789abcdef"))
	f.Add("ssh-rsa\n'", []byte("'"))
	f.Add("{{ . }}", []byte("0123456789abcdef"))
	f.Add("‘", []byte("0123456789abcdef"))
	genuine, err := userdata.Script(userdata.AWS, []ssh.PublicKey{publicKey(f, 1)})
	if err != nil {
		f.Fatal(err)
	}
	quoted := regexp.MustCompile(`(?m)^    '(.*)'$`)
	skeleton := quoted.ReplaceAllString(string(genuine), "")
	f.Fuzz(func(t *testing.T, kind string, blob []byte) {
		got, err := userdata.Script(userdata.AWS, []ssh.PublicKey{anyKey{kind, blob}})
		if err != nil {
			return
		}
		keys := quoted.FindAllSubmatch(got, -1)
		if len(keys) != 1 || !regexp.MustCompile(`^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}$`).Match(keys[0][1]) {
			t.Fatalf("keys %q", keys)
		}
		if diff := cmp.Diff(skeleton, quoted.ReplaceAllString(string(got), "")); diff != "" {
			t.Errorf("the rest of the script changed (-want +got):\n%s", diff)
		}
	})
}
