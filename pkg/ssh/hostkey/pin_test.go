package hostkey

import (
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

const fingerprint = "SHA256:jXvmJdHVrGhGBHxuXuYjWAjgbCMbnMZjvZpGqQmtFHo"

func TestPinsAreFingerprintsWithOrWithoutAType(t *testing.T) {
	for text, want := range map[string]Pin{
		fingerprint:                         {Fingerprint: fingerprint},
		"ssh-ed25519 " + fingerprint:        {Type: "ssh-ed25519", Fingerprint: fingerprint},
		"  ssh-rsa \t" + fingerprint + "\n": {Type: "ssh-rsa", Fingerprint: fingerprint},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := ParsePin(text)
			if err != nil || got != want {
				t.Fatalf("want %v, got %v, %v", want, got, err)
			}
			if again, err := ParsePin(got.String()); err != nil || again != got {
				t.Errorf("%q reads as %v, %v", got.String(), again, err)
			}
		})
	}
}

func TestWhatIsNoFingerprintIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                       `"" is not a fingerprint: want SHA256:…, or the type of the key and SHA256:…`,
		"a b c":                  `"a b c" is not a fingerprint: want SHA256:…, or the type of the key and SHA256:…`,
		"MD5:aa:bb":              "it does not begin with SHA256: (ssh-keygen -l -E sha256 prints such)",
		"SHA256:short":           "what follows SHA256: is not the base64 of 32 bytes without padding",
		fingerprint + "=":        "what follows SHA256: is not the base64 of 32 bytes without padding",
		"ssh-dss " + fingerprint: `"ssh-dss" is not a type of host key: want one of ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-rsa`,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := ParsePin(text)
			if err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("want …%s, got %v", want, err)
			}
		})
	}
}

func TestThePinOfAKeyIsWhatSSHKeygenPrints(t *testing.T) {
	// Printed by ssh-keygen -l for this key.
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkIZ4KAqfHsR4l6Y3y7Rr7cYb3qJzVtVqzWpyc+9m5k"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := PinOf(key).String(), "ssh-ed25519 SHA256:t31R/1oy4N6OjSMI4DKW9W0IQfLRz+PBy9cUMXdBbN4"; got != want {
		t.Errorf("want %s, got %s", want, got)
	}
}

func TestAuthoritiesArePublicKeys(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	line := ssh.MarshalAuthorizedKey(signer.PublicKey())
	got, err := ParseAuthority(line)
	if err != nil || PinOf(got) != PinOf(signer.PublicKey()) {
		t.Errorf("got %v, %v", got, err)
	}
	certificate := &ssh.Certificate{Key: signer.PublicKey(), CertType: ssh.HostCert}
	if err := certificate.SignCert(rand.Reader, signer); err != nil {
		t.Fatal(err)
	}
	for sentence, text := range map[string][]byte{
		"not certificates": ssh.MarshalAuthorizedKey(certificate),
		"not garbage":      []byte("garbage"),
		"not nothing":      nil,
	} {
		t.Run(sentence, func(t *testing.T) {
			if _, err := ParseAuthority(text); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func FuzzAPinThatWasReadIsWrittenAsItWasRead(f *testing.F) {
	f.Add(fingerprint)
	f.Add("ssh-ed25519 " + fingerprint)
	f.Fuzz(func(t *testing.T, text string) {
		pin, err := ParsePin(text)
		if err != nil {
			return
		}
		if pin.String() != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q became %q", text, pin.String())
		}
	})
}
