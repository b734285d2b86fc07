package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// hostAddress is the variable in which a test host says what its address is: all hosts share one network.
const hostAddress = "WINHOST_ADDRESS"

// configuration is what matters of a KubeProxyConfiguration, or of an exporter's web configuration.
type configuration struct {
	HealthzBindAddress string `json:"healthzBindAddress"`
	TLS                struct {
		CertFile string `json:"cert_file"`
		KeyFile  string `json:"key_file"`
	} `json:"tls_server_config"`
}

// serve answers until the context ends.
func (o options) serve(ctx context.Context) error {
	c, err := o.readConfiguration()
	if err != nil {
		return err
	}
	listen := o.listen
	if c.HealthzBindAddress != "" {
		listen = c.HealthzBindAddress
	}
	if listen == "" {
		<-ctx.Done()
		return nil
	}
	server := &http.Server{Addr: ownAddress(listen), Handler: o.handler(), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if c.TLS.CertFile == "" {
		err = server.ListenAndServe()
	} else {
		err = server.ListenAndServeTLS(c.beside(o.config, c.TLS.CertFile), c.beside(o.config, c.TLS.KeyFile))
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", listen, err)
	}
	return nil
}

func (o options) readConfiguration() (configuration, error) {
	var c configuration
	if o.config == "" {
		return c, nil
	}
	content, err := os.ReadFile(o.config)
	if err != nil {
		return c, fmt.Errorf("reading the configuration: %w", err)
	}
	if err := yaml.Unmarshal(content, &c); err != nil {
		return c, fmt.Errorf("reading the configuration %s: %w", o.config, err)
	}
	return c, nil
}

// beside takes a relative path as the exporter does: from the configuration's folder.
func (configuration) beside(config, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(config), path)
}

func (o options) handler() http.Handler {
	mux := http.NewServeMux()
	answer := func(path, text string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(text)) // Whoever asked may be gone.
		})
	}
	answer("/healthz", "ok\n")
	answer("/livez", "ok\n")
	answer("/health", "{\"status\":\"ok\"}\n")
	answer("/metrics", "# TYPE up gauge\nup{service=\""+o.name+"\"} 1\n")
	return mux
}

// ownAddress takes every address for the host's own.
func ownAddress(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if own := os.Getenv(hostAddress); err == nil && own != "" && strings.Trim(host, "0.:") == "" {
		return net.JoinHostPort(own, port)
	}
	return listen
}
