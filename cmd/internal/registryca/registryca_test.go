package registryca

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/registry"
)

func TestAuthoritiesOfRegistriesAreReadOrTheReasonIsSaid(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"a missing file":              {"none.pem", "reading --registry-ca-file: open none.pem"},
		"a file without certificates": {"registryca_test.go", "registryca_test.go has no certificate in PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{File: test.file}
			if _, err := o.Pool(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			if _, err := o.Transport(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v for the transport", err)
			}
		})
	}
	if pool, err := new(Options).Pool(); pool != nil || err != nil {
		t.Errorf("without a file: %v, %v", pool, err)
	}
}

func TestARegistryIsTrustedByItsAuthorityOnly(t *testing.T) {
	r, err := registry.Start(registry.Options{TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, r.CABundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"with its authority":    {options: Options{File: file}},
		"without its authority": {want: "certificate signed by unknown authority"},
	} {
		t.Run(name, func(t *testing.T) {
			transport, err := test.options.Transport()
			if err != nil {
				t.Fatal(err)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+r.Host()+"/v2/", nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := transport.RoundTrip(request)
			if err == nil {
				err = response.Body.Close()
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
