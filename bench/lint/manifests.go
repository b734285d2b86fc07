package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// manifest is one manifest, such as Helm renders it, by its number.
func manifest(i int) string {
	return fmt.Sprintf(`---
# Source: shop/templates/configmap.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: service-%[1]d
  namespace: team-%[2]d
  labels: &labels
    app.kubernetes.io/name: service-%[1]d
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/managed-by: Helm
data:
  appsettings.json: |
    {
      "Logging": {"LogLevel": {"Default": "Information", "Microsoft": "Warning"}},
      "ConnectionStrings": {"Shop": "Server=sql-%[2]d;Database=shop;Encrypt=true"},
      "AllowedHosts": "*"
    }
---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: service-%[1]d
  namespace: team-%[2]d
spec:
  type: ClusterIP
  ports:
  - name: http
    port: 80
    targetPort: http
  selector:
    app.kubernetes.io/name: service-%[1]d
---
# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-%[1]d
  namespace: team-%[2]d
  labels:
    app.kubernetes.io/name: service-%[1]d
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/managed-by: Helm
spec:
  replicas: 3
  strategy:
    rollingUpdate:
      maxSurge: 25%%
      maxUnavailable: 0
  selector:
    matchLabels:
      app.kubernetes.io/name: service-%[1]d
  template:
    metadata:
      labels:
        app.kubernetes.io/name: service-%[1]d
    spec:
      os:
        name: windows
      serviceAccountName: shop
      containers:
      - name: web
        image: %[3]s
        ports:
        - name: http
          containerPort: 8080
        env:
        - name: ASPNETCORE_URLS
          value: http://+:8080
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        readinessProbe:
          httpGet:
            path: /healthz
            port: http
          periodSeconds: 5
        resources:
          requests:
            cpu: 500m
            memory: 512Mi
          limits:
            memory: 1Gi
        volumeMounts:
        - name: settings
          mountPath: C:\app\settings
      - name: log
        image: %[4]s
        args: ["--format", "json"]
      volumes:
      - name: settings
        configMap:
          name: service-%[1]d
`, i, i%20, image(i), logImage)
}

// logImage is the image of every second container.
const logImage = "registry.example.com/log:1"

// image is the image of a manifest. Each is another, and every tenth runs on no build.
func image(i int) string { return fmt.Sprintf("registry.example.com/team-%d/service:%d", i%20, i) }

// refusedEvery is how many manifests there are for each that is refused.
const refusedEvery = 10

const policyText = `apiVersion: mullion.dev/v1alpha1
kind: WindowsBuildPolicy
metadata:
  name: default
spec:
  builds:
  - build: 10.0.26100
  - build: 10.0.20348
  - build: 10.0.17763
    state: Deprecated
`

// imagesText is the file for --offline-images.
func imagesText(n int) string {
	var text strings.Builder
	entry := func(reference, platform string) {
		fmt.Fprintf(&text, "- reference: %s\n  index: true\n  platforms:\n  - %s\n", reference, platform)
	}
	text.WriteString("images:\n")
	entry(logImage, "{os: windows, architecture: amd64, osVersion: 10.0.20348.2700}")
	for i := range n {
		platform := "{os: windows, architecture: amd64, osVersion: 10.0.20348.2700}"
		if i%refusedEvery == 0 {
			platform = "{os: linux, architecture: amd64}"
		}
		entry(image(i), platform)
	}
	return text.String()
}

// stage is the files of one case.
type stage struct{ manifests, policy, images string }

// write writes n manifests, in a file each or all in one.
func write(directory string, n int, oneFile bool) (*stage, error) {
	s := &stage{
		manifests: filepath.Join(directory, "manifests"),
		policy:    filepath.Join(directory, "policy.yaml"),
		images:    filepath.Join(directory, "images.yaml"),
	}
	files := map[string]string{s.policy: policyText, s.images: imagesText(n)}
	var all strings.Builder
	for i := range n {
		if oneFile {
			all.WriteString(manifest(i))
		} else {
			files[filepath.Join(s.manifests, fmt.Sprintf("service-%05d.yaml", i))] = manifest(i)
		}
	}
	if oneFile {
		files[filepath.Join(s.manifests, "rendered.yaml")] = all.String()
	}
	if err := os.MkdirAll(s.manifests, 0o700); err != nil {
		return nil, fmt.Errorf("writing manifests: %w", err)
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("writing manifests: %w", err)
		}
	}
	return s, nil
}
