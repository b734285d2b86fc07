package nodeconfig

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
)

// defaultMetricsPort is what the API defaults to, for objects that no API server has defaulted.
const defaultMetricsPort = 9182

// defaultCollectors are what windows_exporter collects unless told otherwise.
func defaultCollectors() []string {
	return []string{"cpu", "cpu_info", "container", "logical_disk", "memory", "net", "os", "service", "system"}
}

// buildMetrics runs windows_exporter, with the kubelet's serving certificate. It reads the file anew for every
// connection, so that a rotation needs no restart.
func (b *builder) buildMetrics() {
	spec := b.spec.Metrics
	if spec == nil {
		return
	}
	program := b.program(exporterProgram, "spec.metrics")
	port := spec.Port
	if port == 0 {
		port = defaultMetricsPort
	}
	if port < 1 || port > 65535 {
		b.wrong(field.Invalid(specPath("metrics", "port"), port, "is no port"))
		return
	}
	config, err := exporterTLS(spec.Clients)
	if err != nil {
		b.wrong(field.InternalError(specPath("metrics"), err))
		return
	}
	if !b.host.Joined {
		b.waiting = append(b.waiting, "windows_exporter runs once the node has joined: it serves with the kubelet's certificate.")
		return
	}
	collectors := spec.Collectors
	if len(collectors) == 0 {
		collectors = defaultCollectors()
	}
	b.file(exporterConfig, config, state.FormatJSON)
	b.service(state.Service{
		Name:        exporterService,
		Description: "Metrics of this Kubernetes node for Prometheus.",
		Program:     program,
		Arguments: []string{
			fmt.Sprintf("--web.listen-address=:%d", port),
			"--web.config.file=" + exporterConfig.String(),
			"--collectors.enabled=" + strings.Join(collectors, ","),
			// It cannot rotate files; the event log is bounded by Windows.
			"--log.file=eventlog",
		},
		DependsOn: []string{kubeletService},
		Ports:     []uint16{uint16(port)},
	})
	b.open(exporterService, "TCP", "Lets Prometheus read this node's metrics.", uint16(port))
}

// exporterTLS is the web configuration of Prometheus' exporters, as JSON, which they read as YAML; see
// https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md.
func exporterTLS(clients v1alpha1.MetricsClients) ([]byte, error) {
	server := map[string]any{
		"cert_file":   servingCertificate.String(),
		"key_file":    servingCertificate.String(),
		"min_version": "TLS12",
	}
	if clients == v1alpha1.MetricsClientsCertificate {
		server["client_auth_type"] = "RequireAndVerifyClientCert"
		server["client_ca_file"] = clientAuthority.String()
	}
	return document.JSON(map[string]any{"tls_server_config": server})
}
