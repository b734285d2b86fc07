package images

import (
	"strings"
	"testing"
	"time"
)

func TestAuthoritiesOfRegistriesAreReadOrTheReasonIsSaid(t *testing.T) {
	o := NewOptions(time.Second)
	if pool, err := o.registryCAs(); pool != nil || err != nil {
		t.Errorf("without a file: %v, %v", pool, err)
	}
	o.CAFile = "none.pem"
	if _, err := o.registryCAs(); err == nil || !strings.Contains(err.Error(), "--registry-ca-file") {
		t.Errorf("a missing file: %v", err)
	}
	o.CAFile = "options_test.go"
	if _, err := o.registryCAs(); err == nil || !strings.Contains(err.Error(), "no certificate in PEM") {
		t.Errorf("a file without certificates: %v", err)
	}
}
