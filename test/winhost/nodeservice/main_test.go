package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func TestTheFlagsOfEveryServiceAreAccepted(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte("healthzBindAddress: 0.0.0.0:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		name string
		args []string
		want options
	}{
		"kube-proxy": {"kube-proxy", []string{"--config=" + config, "--windows-service", "--v=4"},
			options{name: "kube-proxy", config: config, listen: ":10256", windowsService: true}},
		"csi-proxy": {"csi-proxy", []string{"-windows-service", "-log_file", "x"}, options{name: "csi-proxy", windowsService: true}},
		"windows_exporter": {"windows_exporter", []string{"--web.listen-address=:9183", "--web.config.file=" + config, "--collectors.enabled=cpu"},
			options{name: "windows_exporter", config: config, listen: ":9183"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := readFlags(tt.name, tt.args); err != nil || got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	if _, err := readFlags("kube-proxy", []string{"--config=" + config + ".missing"}); err == nil {
		t.Error("a configuration that does not exist was accepted")
	}
}

func TestEveryAddressIsTheHostsOwn(t *testing.T) {
	t.Setenv(hostAddress, "127.64.0.1")
	for listen, want := range map[string]string{
		":9182": "127.64.0.1:9182", "0.0.0.0:1": "127.64.0.1:1", "[::]:1": "127.64.0.1:1", "127.0.0.1:2": "127.0.0.1:2", "what": "what",
	} {
		if got := ownAddress(listen); got != want {
			t.Errorf("%s becomes %s, want %s", listen, got, want)
		}
	}
}

func TestHealthAndMetricsAreServed(t *testing.T) {
	server := httptest.NewServer(options{name: "kube-proxy"}.handler())
	defer server.Close()
	for _, path := range []string{"/healthz", "/metrics"} {
		response, err := server.Client().Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
}
