package install

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeploymentsAreReadAsKubeletWouldRunThem(t *testing.T) {
	deployments, err := decodeDeployments(strings.NewReader(`
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: system}
spec:
  replicas: 2
  template:
    spec:
      serviceAccountName: runner
      containers:
      - name: app
        args: ["--namespace=$(NAMESPACE)", --verbose, "--other=$(UNKNOWN)"]
        env:
        - name: NAMESPACE
          valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
        - {name: LIMIT, value: 230MiB}
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(deployments) != 1 {
		t.Fatalf("found %d deployments, want 1", len(deployments))
	}
	got, err := newShipped(&deployments[0])
	if err != nil {
		t.Fatal(err)
	}
	want := shipped{
		namespace: "system", serviceAccount: "runner", replicas: 2,
		args: []string{"--namespace=system", "--verbose", "--other=$(UNKNOWN)"},
		env:  []string{"NAMESPACE=system", "LIMIT=230MiB"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(shipped{})); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestADeploymentThatCannotBeRunHereIsAnError(t *testing.T) {
	for sentence, pod := range map[string]string{
		"two containers":       `{containers: [{name: a}, {name: b}]}`,
		"no container":         `{containers: []}`,
		"a secret in its env":  `{containers: [{name: a, env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}`,
		"its pod's IP address": `{containers: [{name: a, env: [{name: X, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}]}`,
	} {
		t.Run(sentence, func(t *testing.T) {
			deployments, err := decodeDeployments(strings.NewReader("{kind: Deployment, spec: {template: {spec: " + pod + "}}}"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := newShipped(&deployments[0]); err == nil {
				t.Error("read without an error")
			}
		})
	}
}
