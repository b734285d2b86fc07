package redact_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/supportbundle/redact"
)

// body is the inside of a key in PEM.
const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu\n"

func key(kind string) string {
	return "-----BEGIN " + kind + "-----\n" + body + "-----END " + kind + "-----"
}

func TestWhatLooksLikeASecretIsTakenOut(t *testing.T) {
	for sentence, c := range map[string]struct{ text, want string }{
		"a PKCS 8 key":                         {"key " + key("PRIVATE KEY") + " read", "key [redacted] read"},
		"an RSA key":                           {key("RSA PRIVATE KEY"), "[redacted]"},
		"an encrypted key":                     {key("ENCRYPTED PRIVATE KEY"), "[redacted]"},
		"an OpenSSH key":                       {key("OPENSSH PRIVATE KEY"), "[redacted]"},
		"a PGP key":                            {key("PGP PRIVATE KEY BLOCK"), "[redacted]"},
		"a key in JSON":                        {`{"key":"` + strings.ReplaceAll(key("PRIVATE KEY"), "\n", `\n`) + `"}`, `{"key":"[redacted]"}`},
		"an indented key":                      {strings.ReplaceAll(key("PRIVATE KEY"), "\n", "\n    "), "[redacted]"},
		"two keys":                             {key("PRIVATE KEY") + " and " + key("RSA PRIVATE KEY"), "[redacted] and [redacted]"},
		"a key that is cut off":                {"x: -----BEGIN PRIVATE KEY-----\n" + body + "(more was left out)", "x: [redacted](more was left out)"},
		"a key whose beginning is cut off":     {"log: " + strings.SplitAfterN(key("PRIVATE KEY"), "\n", 2)[1] + " end", "log:[redacted] end"},
		"a key in base64":                      {"data: " + base64.StdEncoding.EncodeToString([]byte(key("PRIVATE KEY"))), "data: [redacted]"},
		"a service account's token":            {"with eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl.", "with [redacted]."},
		"a bootstrap token":                    {"using 07401b.f395accd246ae52d now", "using [redacted] now"},
		"an OpenShift token":                   {"oc login sha256~tP2Lq0x9YV3mB7cK1sWdEfGhJkLmNoPq", "oc login [redacted]"},
		"a GitHub token":                       {"ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[redacted]"},
		"the id of an AWS key":                 {"key AKIAIOSFODNN7EXAMPLE", "key [redacted]"},
		"a URL with a password":                {"proxy http://jane:p%40ss@proxy.example.com:3128/x", "proxy http://[redacted]@proxy.example.com:3128/x"},
		"a URL with an @ in its password":      {"http://jane:p@ss@proxy.example.com", "http://[redacted]@proxy.example.com"},
		"a URL with a token":                   {"https://abcdef@example.com", "https://[redacted]@example.com"},
		"a header":                             {"Authorization: Basic amFuZTpodW50ZXIy\nnext", "Authorization: [redacted]\nnext"},
		"a header in JSON":                     {`{"Authorization":"Bearer abc","x":1}`, `{"Authorization":"[redacted]","x":1}`},
		"a bearer's token":                     {"sent bearer abcdefghijklmnop", "sent bearer [redacted]"},
		"a field in YAML":                      {"  password: hunter2\n  user: jane", "  password: [redacted]\n  user: jane"},
		"a field in JSON":                      {`{"dbPassword": "hunt\"er2", "user": "jane"}`, `{"dbPassword": [redacted], "user": "jane"}`},
		"a field in JSON in a string":          {`"{\"token\":\"abc\",\"user\":\"jane\"}"`, `"{\"token\":[redacted],\"user\":\"jane\"}"`},
		"a field of a structured log":          {`msg="logged in" token=abc user=jane`, `msg="logged in" token=[redacted] user=jane`},
		"a field in quotes":                    {`client_secret='a b c' next`, `client_secret=[redacted] next`},
		"a connection string":                  {"Server=db;User=sa;Password=hunter2;Encrypt=yes", "Server=db;User=sa;Password=[redacted];Encrypt=yes"},
		"a query":                              {"GET /x?access_token=abc&page=2", "GET /x?access_token=[redacted]&page=2"},
		"a flag":                               {"tool --api-key=abc --verbose", "tool --api-key=[redacted] --verbose"},
		"a flag, and then its value":           {"tool --password hunter2 --verbose", "tool --password [redacted] --verbose"},
		"the key of a storage account":         {"AccountKey=abc/def==;x", "AccountKey=[redacted];x"},
		"credentials of a registry":            {`{"auths":{"r.example.com":{"auth":"amFuZTpodW50ZXIy"}}}`, `{"auths":{"r.example.com":{"auth":[redacted]}}}`},
		"the data of a key in a kubeconfig":    {"client-key-data: c2VjcmV0", "client-key-data: [redacted]"},
		"a registry's credentials in base64":   {".dockerconfigjson: eyJhdXRocyI6eyJyIjp7ImF1dGgiOiJhbUZ1WlE9PSJ9fX0= x", ".dockerconfigjson: [redacted] x"},
		"a kubeconfig in base64":               {`{"kubeconfig":"YXBpVmVyc2lvbjogdjEKa2luZDogQ29uZmlnCnVzZXJzOgo="}`, `{"kubeconfig":"[redacted]"}`},
		"user data in base64":                  {"userData: PHBvd2Vyc2hlbGw+bmV0IHVzZXIgamFuZSBodW50ZXIyPC9wb3dlcnNoZWxsPg==", "userData: [redacted]"},
		"user data":                            {"given <powershell>\nnet user jane hunter2\n</powershell>.", "given [redacted]."},
		"a password of PowerShell":             {"$p = ConvertTo-SecureString 'hunter 2' -AsPlainText -Force", "$p = ConvertTo-SecureString [redacted] -AsPlainText -Force"},
		"a password of net.exe":                {"net user jane hunter2 /add", "net user jane [redacted] /add"},
		"nothing of where a kubeconfig is":     {`kubelet.exe --kubeconfig=C:\k\kubeconfig --v=2`, `kubelet.exe --kubeconfig=C:\k\kubeconfig --v=2`},
		"nothing of what net.exe shows":        {"net user jane /active:yes", "net user jane /active:yes"},
		"nothing, where a field is empty":      {`token: ""`, `token: ""`},
		"nothing, where a field is a switch":   {"automountServiceAccountToken: true", "automountServiceAccountToken: true"},
		"nothing, where a field has parts":     {"keySecret:\n  name: cloud-private-key", "keySecret:\n  name: cloud-private-key"},
		"nothing of a Secret's name":           {"secretName: cloud-private-key", "secretName: cloud-private-key"},
		"nothing of a certificate":             {key("CERTIFICATE"), key("CERTIFICATE")},
		"nothing of a certificate in base64":   {base64.StdEncoding.EncodeToString([]byte(key("CERTIFICATE"))), base64.StdEncoding.EncodeToString([]byte(key("CERTIFICATE")))},
		"nothing of a public key":              {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ jane", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ jane"},
		"nothing of a fingerprint":             {"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"},
		"nothing of an image":                  {"registry.example.com/shop/web@sha256:0123456789abcdef", "registry.example.com/shop/web@sha256:0123456789abcdef"},
		"nothing of a version":                 {"10.0.20348.2700 v1.37.2", "10.0.20348.2700 v1.37.2"},
		"nothing of what is said about tokens": {"the token has expired; basic authentication is off", "the token has expired; basic authentication is off"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, count := redact.New().Text(c.text)
			if got != c.want {
				t.Errorf("%q\nbecame %q\nwant   %q", c.text, got, c.want)
			}
			if want := strings.Count(c.want, redact.Mark); count != want {
				t.Errorf("%d were counted, want %d", count, want)
			}
		})
	}
}

func TestWhatWasRedactedStaysAsItIs(t *testing.T) {
	const text = `password: hunter2, "token":"abc", http://a:b@c, Authorization: Basic abc`
	once, _ := redact.New().Text(text)
	twice, count := redact.New().Text(once)
	if once != twice {
		t.Errorf("%q became %q, %d counted", once, twice, count)
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{key("PRIVATE KEY"), "password: x", "-----BEGIN PRIVATE KEY-----", "http://a:b@c", `{"token":"\"`} {
		f.Add(seed)
	}
	redactor := redact.New()
	f.Fuzz(func(t *testing.T, text string) {
		// Whatever stands around it, a key does not get through.
		got, _ := redactor.Text(text + "\n" + key("PRIVATE KEY") + "\n" + text)
		if strings.Contains(got, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj") {
			t.Errorf("%q lets a key through: %q", text, got)
		}
	})
}

func BenchmarkText(b *testing.B) {
	line := "2026-11-22T12:00:00Z INFO host reconciled controller=windowshost host=mullion-system/win-1 step=Apply seconds=1.25\n"
	text := strings.Repeat(line, 10_000)
	redactor := redact.New()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		redactor.Text(text)
	}
}
