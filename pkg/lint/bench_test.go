package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/lint"
	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// rendered is n Deployments in one stream, as Helm renders them, of which every tenth is refused.
func rendered(n int) []byte {
	var text strings.Builder
	for i := range n {
		image := "core:2022"
		if i%10 == 0 {
			image = "nginx"
		}
		fmt.Fprintf(&text, "---\n# Source: shop/templates/web.yaml\n"+head+`    metadata:
      labels: {app.kubernetes.io/name: service-%d}
    spec:
      os: {name: windows}
      containers:
      - name: web
        image: %s
        env:
        - {name: ASPNETCORE_URLS, value: "http://+:8080"}
        readinessProbe:
          httpGet: {path: /healthz, port: 8080}
        resources:
          requests: {cpu: 500m, memory: 512Mi}
        volumeMounts:
        - name: settings
          mountPath: C:\app\settings
      volumes:
      - name: settings
        configMap: {name: settings}
`, i, image)
	}
	return []byte(text.String())
}

func BenchmarkLint500(b *testing.B) {
	const n = 500
	text := rendered(n)
	compiled, _ := lint.Policies(manifest.Parse("p.yaml", []byte(policies)))
	known := images()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		linter := lint.New(manifest.Parse("web.yaml", text), compiled, lint.Options{})
		facts := map[string]policy.ImageResult{}
		for _, reference := range linter.References() {
			facts[reference] = known[reference]
		}
		if report := linter.Report(facts); report.Count(lint.Refused) != n/10 || report.Count(lint.Placed) != n-n/10 {
			b.Fatalf("%d refused, %d placed", report.Count(lint.Refused), report.Count(lint.Placed))
		}
	}
}
