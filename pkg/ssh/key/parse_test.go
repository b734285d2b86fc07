package key

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// keys are one of each kind that is supported.
func keys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	onCurve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"Ed25519": edwards, "ECDSA": onCurve, "RSA": long}
}

func openSSH(t testing.TB, private crypto.Signer) []byte {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "somebody")
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

func pkcs8(t testing.TB, private crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func TestKeysOfEachKindAreRead(t *testing.T) {
	for kind, private := range keys(t) {
		texts := map[string][]byte{
			"OpenSSH":           openSSH(t, private),
			"PKCS 8":            pkcs8(t, private),
			"with blanks":       slices.Concat([]byte("\n\n  "), openSSH(t, private), []byte("\n\n")),
			"with Windows ends": bytes.ReplaceAll(openSSH(t, private), []byte("\n"), []byte("\r\n")),
		}
		switch private := private.(type) {
		case *rsa.PrivateKey:
			texts["PKCS 1"] = pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)})
		case *ecdsa.PrivateKey:
			der, err := x509.MarshalECPrivateKey(private)
			if err != nil {
				t.Fatal(err)
			}
			texts["SEC 1"] = pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
		}
		want, err := ssh.NewPublicKey(private.Public())
		if err != nil {
			t.Fatal(err)
		}
		for format, text := range texts {
			t.Run(kind+" "+format, func(t *testing.T) {
				got, err := Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.PublicKey().Marshal(), want.Marshal()) {
					t.Error("it is another key")
				}
			})
		}
	}
}

func TestRSASignsWithSHA2Only(t *testing.T) {
	signer, err := Parse(openSSH(t, keys(t)["RSA"]))
	if err != nil {
		t.Fatal(err)
	}
	restricted, ok := signer.(ssh.MultiAlgorithmSigner)
	if !ok || !slices.Equal(restricted.Algorithms(), []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}) {
		t.Errorf("it signs with %v", signer)
	}
	if _, err := restricted.SignWithAlgorithm(rand.Reader, []byte("data"), ssh.KeyAlgoRSA); err == nil {
		t.Error("it signs with SHA-1")
	}
}

func TestWhatIsNoUsableKeyIsRefusedInASentenceThatSaysWhatItIs(t *testing.T) {
	all := keys(t)
	private := all["Ed25519"]
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(private, "somebody", []byte("passphrase"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := openSSH(t, private)
	encode := func(kind string, headers map[string]string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Headers: headers, Bytes: der})
	}
	for sentence, test := range map[string]struct {
		text []byte
		want error
	}{
		"nothing":                          {nil, ErrEmpty},
		"blanks":                           {[]byte(" \n\t"), ErrEmpty},
		"encrypted by OpenSSH":             {pem.EncodeToMemory(locked), ErrEncrypted},
		"encrypted as PKCS 8":              {encode("ENCRYPTED PRIVATE KEY", nil, []byte("secret")), ErrEncrypted},
		"encrypted as PKCS 1":              {encode("RSA PRIVATE KEY", map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, []byte("secret")), ErrEncrypted},
		"a public key of OpenSSH":          {ssh.MarshalAuthorizedKey(public), ErrPublic},
		"a public key in PEM":              {encode("PUBLIC KEY", nil, spki), ErrPublic},
		"a public key of RFC 4716":         {[]byte("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n"), ErrPublic},
		"a certificate":                    {encode("CERTIFICATE", nil, []byte("secret")), ErrCertificate},
		"a key of PuTTY":                   {[]byte("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"), ErrPuTTY},
		"a password":                       {[]byte("hunter2-secret"), ErrNotPEM},
		"base64 without its header":        {[]byte(base64.StdEncoding.EncodeToString(good)), ErrNotPEM},
		"cut off":                          {good[:len(good)/2], ErrBroken},
		"with something else in it":        {encode("OPENSSH PRIVATE KEY", nil, []byte("secret")), ErrBroken},
		"PKCS 8 that is damaged":           {encode("PRIVATE KEY", nil, []byte("secret")), ErrBroken},
		"a key of another use":             {encode("AGE PRIVATE KEY", nil, []byte("secret")), ErrUnsupported},
		"DSA":                              {encode("DSA PRIVATE KEY", nil, []byte("secret")), ErrUnsupported},
		"a curve that SSH has no name for": {pkcs8(t, curve), ErrUnsupported},
		"short RSA":                        {pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(short)}), ErrWeak},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := Parse(test.text)
			if !errors.Is(err, test.want) {
				t.Fatalf("want %v, got %v", test.want, err)
			}
			noMaterial(t, test.text, err)
		})
	}
}

// noMaterial asserts that an error quotes nothing of a text.
func noMaterial(t *testing.T, text []byte, err error) {
	t.Helper()
	const headers = "PuTTY-User-Key-File-3: PRIVATE CERTIFICATE-----"
	for _, line := range bytes.Fields(text) {
		if len(line) >= 8 && !strings.Contains(headers, string(line)) && strings.Contains(err.Error(), string(line)) {
			t.Errorf("the error quotes %q: %v", line, err)
		}
	}
}

func FuzzNoErrorHasAByteOfTheKey(f *testing.F) {
	for _, private := range keys(f) {
		f.Add(openSSH(f, private))
		f.Add(pkcs8(f, private))
	}
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	sentences := []error{ErrEmpty, ErrEncrypted, ErrPublic, ErrCertificate, ErrPuTTY, ErrNotPEM, ErrBroken, ErrUnsupported, ErrWeak}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := Parse(text)
		// The refusals are constants, so they cannot have anything in them.
		if err != nil && !slices.Contains(sentences, err) {
			t.Errorf("another error: %v", err)
		}
	})
}
