package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/supportbundle/redact"
)

func TestWhatAFieldsNameSaysIsBelieved(t *testing.T) {
	for sentence, c := range map[string]struct{ object, want string }{
		"a variable of a container": {
			`{"env":[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"MODE","value":"fast"},{"name":"TOKEN","valueFrom":{"secretKeyRef":{"name":"db","key":"token"}}}]}`,
			`{"env":[{"name":"DB_PASSWORD","value":"[redacted]"},{"name":"MODE","value":"fast"},{"name":"TOKEN","valueFrom":{"secretKeyRef":{"name":"db","key":"token"}}}]}`,
		},
		"arguments": {
			`{"args":["--password","hunter2","--token=abc","--verbose","hunter"]}`,
			`{"args":["--password","[redacted]","--token=[redacted]","--verbose","hunter"]}`,
		},
		"a flag without a value": {`{"args":["--password","--verbose"]}`, `{"args":["--password","--verbose"]}`},
		"a field":                {`{"spec":{"clientSecret":"abc","password":"","depth":{"apiKey":"x"}}}`, `{"spec":{"clientSecret":"[redacted]","password":"","depth":{"apiKey":"[redacted]"}}}`},
		"a text":                 {`{"status":{"message":"http://a:b@c: refused"}}`, `{"status":{"message":"http://[redacted]@c: refused"}}`},
		"a Secret in a List":     {`{"items":[{"kind":"Secret","metadata":{"name":"x"},"data":{"a":"b"},"stringData":{"c":"d"}}]}`, `{"items":[{"kind":"Secret","metadata":{"name":"x"},"data":"[redacted]","stringData":"[redacted]"}]}`},
		"the name of a Secret":   {`{"spec":{"keySecret":{"name":"cloud-private-key"},"volumes":[{"secret":{"secretName":"x"}}]}}`, `{"spec":{"keySecret":{"name":"cloud-private-key"},"volumes":[{"secret":{"secretName":"x"}}]}}`},
		"what was applied last": {
			`{"metadata":{"managedFields":[1],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","a":"b"}}}`,
			`{"metadata":{"annotations":{"a":"b"}}}`,
		},
		"credentials of registries, a kubeconfig, user data": {
			`{".dockerconfigjson":"e30=","kubeconfig":"apiVersion: v1\n","spec":{"userData":"PHA+","userDataSecret":{"name":"windows-user-data"}}}`,
			`{".dockerconfigjson":"[redacted]","kubeconfig":"[redacted]","spec":{"userData":"[redacted]","userDataSecret":{"name":"windows-user-data"}}}`,
		},
		"numbers and switches": {`{"token":1,"password":true,"secret":null}`, `{"token":1,"password":true,"secret":null}`},
	} {
		t.Run(sentence, func(t *testing.T) {
			object, want := decode(t, c.object), decode(t, c.want)
			redact.New().Object(object)
			if diff := cmp.Diff(want, object); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func TestABundleOfCertificatesIsShortened(t *testing.T) {
	object := map[string]any{"webhooks": []any{map[string]any{"clientConfig": map[string]any{"caBundle": base64.StdEncoding.EncodeToString([]byte("abc"))}}}}
	redact.New().Object(object)
	want := map[string]any{"webhooks": []any{map[string]any{"clientConfig": map[string]any{
		"caBundle": "3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	}}}}
	if diff := cmp.Diff(want, object); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
