package install

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

// shippedTemplate is what a user would apply.
const shippedTemplate = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- {{.Overlay}}
{{- with .Components}}
components:
{{- range .}}
- {{.}}
{{- end}}
{{- end}}
`

// localTemplate is the same with what has to be different on this machine. The Service becomes a name for
// this machine. The API server dials the port that the webhook configurations and the APIService name, so they take
// those of the Service, unless API servers call themselves. Everything else of them stays as it is.
const localTemplate = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ../shipped
components:
- {{.OutOfCluster}}
patches:
- target:
    kind: Service
    name: mullion-webhook
  patch: |
    - op: replace
      path: /spec
      value:
        type: ExternalName
        externalName: localhost
        ports:
        - name: https
          port: {{.Admission}}
        - name: policy-api
          port: {{.PolicyAPI}}
replacements:
- source:
    kind: Service
    name: mullion-webhook
    fieldPath: spec.ports.1.port
  targets:
  - select:
      kind: APIService
    fieldPaths: [spec.service.port]
{{- if .Direct}}
- source:
    kind: Service
    name: mullion-webhook
    fieldPath: spec.ports.0.port
  targets:
  - select:
      kind: MutatingWebhookConfiguration
    fieldPaths: [webhooks.*.clientConfig.service.port]
  - select:
      kind: ValidatingWebhookConfiguration
    fieldPaths: [webhooks.*.clientConfig.service.port]
{{- end}}
`

// kustomizations are two kustomize folders below a temporary one: shipped, and local.
type kustomizations struct {
	root    string
	shipped string
	local   string
}

// AggregatedAdmission is the overlay by which API servers send admission reviews through the policy API.
const AggregatedAdmission = "manifests/overlays/aggregated-admission"

// ports are those at which an installation's webhook is reached.
type ports struct{ admission, policyAPI int }

// writeKustomizations makes the folders of an installation whose webhook is reached at the ports.
func writeKustomizations(o Options, at ports) (*kustomizations, error) {
	folder, err := os.MkdirTemp("", "mullion-install-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for kustomizations: %w", err)
	}
	k := &kustomizations{root: folder, shipped: filepath.Join(folder, "shipped"), local: filepath.Join(folder, "local")}
	if err := k.write(o, at); err != nil {
		k.remove()
		return nil, err
	}
	return k, nil
}

func (k *kustomizations) write(o Options, at ports) error {
	// Kustomize wants relative paths, and resolves them from where the folder really is.
	here, err := filepath.EvalSymlinks(k.root)
	if err != nil {
		return fmt.Errorf("finding the folder for kustomizations: %w", err)
	}
	repository, err := filepath.Rel(filepath.Join(here, "one of them"), o.Root)
	if err != nil {
		return fmt.Errorf("finding the repository from %s: %w", here, err)
	}
	values := struct {
		Overlay, OutOfCluster string
		Components            []string
		Admission, PolicyAPI  int
		Direct                bool
	}{
		Overlay:      filepath.Join(repository, cmp.Or(o.Overlay, defaultOverlay)),
		OutOfCluster: filepath.Join(repository, "manifests/components/out-of-cluster"),
		Admission:    at.admission,
		PolicyAPI:    at.policyAPI,
		Direct:       o.Overlay != AggregatedAdmission,
	}
	for _, component := range o.Components {
		values.Components = append(values.Components, filepath.Join(repository, component))
	}
	if err := writeTemplate(k.shipped, shippedTemplate, values); err != nil {
		return err
	}
	return writeTemplate(k.local, localTemplate, values)
}

func writeTemplate(folder, text string, values any) error {
	parsed, err := template.New("kustomization").Parse(text)
	if err != nil {
		return fmt.Errorf("parsing a kustomization: %w", err)
	}
	var kustomization bytes.Buffer
	if err := parsed.Execute(&kustomization, values); err != nil {
		return fmt.Errorf("filling in a kustomization: %w", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("making the folder of a kustomization: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), kustomization.Bytes(), 0o600); err != nil {
		return fmt.Errorf("writing a kustomization: %w", err)
	}
	return nil
}

func (k *kustomizations) remove() { _ = os.RemoveAll(k.root) } // A few files in the folder for such things.
