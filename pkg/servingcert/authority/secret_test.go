package authority

import (
	"bytes"
	"crypto"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestAStateSurvivesTheSecret(t *testing.T) {
	cases := map[string]*State{
		"signing only":     {Signing: testCA(t, epoch), RetireAfter: epoch.Add(day)},
		"with a staged CA": {Signing: testCA(t, epoch), Next: testCA(t, epoch.Add(day)), RetireAfter: epoch},
		"without a time":   {Signing: testCA(t, epoch)},
	}
	for name, state := range cases {
		t.Run(name, func(t *testing.T) {
			secret := &corev1.Secret{}
			if err := state.WriteTo(secret); err != nil {
				t.Fatal(err)
			}
			got, err := Decode(secret)
			if err != nil {
				t.Fatal(err)
			}
			if !got.RetireAfter.Equal(state.RetireAfter) {
				t.Errorf("retire after = %s, want %s", got.RetireAfter, state.RetireAfter)
			}
			if diff := cmp.Diff(state.Trusted().PEM(), got.Trusted().PEM()); diff != "" {
				t.Errorf("trusted (-want +got):\n%s", diff)
			}
			leaf, err := got.Signing.IssueLeaf([]string{"a.test"}, epoch, day, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if err := verify(leaf.Leaf, state.Signing, "a.test", epoch); err != nil {
				t.Errorf("the decoded CA signs something else: %v", err)
			}
			public, _, err := DecodeTrusted(secret)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(public.PEM(), state.Trusted().PEM()) {
				t.Error("DecodeTrusted reads other CAs than Decode")
			}
		})
	}
}

func TestWritingLeavesTheRestOfTheSecretAlone(t *testing.T) {
	secret := &corev1.Secret{Data: map[string][]byte{"mine": []byte("x"), keyNextCertificate: []byte("y"), keyNextPrivate: []byte("z")}}
	secret.Labels = map[string]string{"l": "v"}
	secret.Annotations = map[string]string{"a": "v", AnnotationRetireAfter: "long ago"}
	if err := (&State{Signing: testCA(t, epoch)}).WriteTo(secret); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "v"}, secret.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"l": "v"}, secret.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if string(secret.Data["mine"]) != "x" || secret.Data[keyNextCertificate] != nil || secret.Data[keyNextPrivate] != nil {
		t.Error("a foreign key was lost, or a staged CA left behind")
	}
}

func TestASecretWithoutOurKeysHoldsNoAuthority(t *testing.T) {
	state, err := Decode(&corev1.Secret{Data: map[string][]byte{"other": []byte("x"), keyCertificate: nil}})
	if state != nil || err != nil {
		t.Errorf("got %v, %v; want neither", state, err)
	}
}

func TestAnythingWrongInTheSecretIsAnErrorThatQuotesNothing(t *testing.T) {
	good, other := dataOf(t, &State{Signing: testCA(t, epoch), Next: testCA(t, epoch)}), dataOf(t, &State{Signing: testCA(t, epoch)})
	leaf := leafData(t)
	cases := map[string]map[string][]byte{
		"certificate is garbage":         {keyCertificate: []byte("c4nary")},
		"certificate is missing":         {keyCertificate: nil},
		"key is garbage":                 {keyPrivate: []byte("c4nary")},
		"key is missing":                 {keyPrivate: nil},
		"key of another certificate":     {keyPrivate: other[keyPrivate]},
		"certificate and key exchanged":  {keyCertificate: good[keyPrivate], keyPrivate: good[keyCertificate]},
		"trusted is garbage":             {keyTrusted: []byte("c4nary")},
		"trusted is missing":             {keyTrusted: nil},
		"trusted names another CA":       {keyTrusted: other[keyTrusted]},
		"trusted lacks the staged CA":    {keyTrusted: good[keyCertificate]},
		"staged certificate is garbage":  {keyNextCertificate: []byte("c4nary")},
		"staged key is missing":          {keyNextPrivate: nil},
		"a serving certificate, no CA":   leaf,
		"everything is another's format": {keyCertificate: []byte("{}"), keyPrivate: []byte("{}"), keyTrusted: []byte("{}")},
	}
	for name, wrong := range cases {
		t.Run(name, func(t *testing.T) {
			data := maps.Clone(good)
			maps.Copy(data, wrong)
			state, err := Decode(&corev1.Secret{Data: data})
			if err == nil {
				t.Fatalf("decoded %v, want an error", state)
			}
			if strings.Contains(err.Error(), "c4nary") || strings.Contains(err.Error(), "PRIVATE KEY") {
				t.Errorf("the error quotes the secret: %v", err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	ca, err := newCA("seed", epoch, day, time.Minute)
	if err != nil {
		f.Fatal(err)
	}
	secret := &corev1.Secret{}
	if err := (&State{Signing: ca}).WriteTo(secret); err != nil {
		f.Fatal(err)
	}
	f.Add(secret.Data[keyCertificate], secret.Data[keyPrivate], secret.Data[keyTrusted], []byte(nil), []byte(nil), "2030-01-01T00:00:00Z")
	f.Add([]byte("x"), []byte("-----BEGIN CERTIFICATE-----"), []byte{}, []byte("y"), []byte{0xff}, "")
	f.Fuzz(func(t *testing.T, crt, key, trusted, nextCrt, nextKey []byte, retire string) {
		secret := &corev1.Secret{Data: map[string][]byte{
			keyCertificate: crt, keyPrivate: key, keyTrusted: trusted, keyNextCertificate: nextCrt, keyNextPrivate: nextKey,
		}}
		secret.Annotations = map[string]string{AnnotationRetireAfter: retire}
		state, err := Decode(secret)
		if err != nil || state == nil {
			return
		}
		// What is accepted is trusted by those who read the public part only.
		public, _, err := DecodeTrusted(secret)
		if err != nil || !public.Contains(state.Signing.Certificate) {
			t.Errorf("the public part does not hold the signing CA: %v", err)
		}
	})
}

func dataOf(t *testing.T, state *State) map[string][]byte {
	t.Helper()
	secret := &corev1.Secret{}
	if err := state.WriteTo(secret); err != nil {
		t.Fatal(err)
	}
	return secret.Data
}

// leafData is a Secret as it would hold a serving certificate instead of an authority.
func leafData(t *testing.T) map[string][]byte {
	t.Helper()
	leaf, err := testCA(t, epoch).IssueLeaf([]string{"a.test"}, epoch, day, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return dataOf(t, &State{Signing: &CA{Certificate: leaf.Leaf, key: leaf.PrivateKey.(crypto.Signer)}})
}
