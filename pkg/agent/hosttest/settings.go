package hosttest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"io/fs"
	"math/big"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func settingContracts() map[string]contract {
	return map[string]contract{
		"variables keep their type and are not expanded": variables,
		"certificates are found by their digest":         certificates,
		"what is no certificate is not added": func(c *check) {
			for _, der := range []string{"nonsense", ""} {
				c.is(der, c.Host.Certificates.AddCertificate(c.ctx(), []byte(der)), nil)
			}
		},
		"what is no digest is an error": func(c *check) {
			_, err := c.Host.Certificates.HasCertificate(c.ctx(), "nonsense")
			c.is("HasCertificate", err, nil)
			c.is("DeleteCertificate", c.Host.Certificates.DeleteCertificate(c.ctx(), "nonsense"), nil)
		},
	}
}

func variables(c *check) {
	const name = "Mullion_Contract"
	environment := c.Host.Environment
	c.t.Cleanup(func() { _ = environment.DeleteVariable(c.t.Context(), name) })
	_, err := environment.Variable(c.ctx(), name)
	c.is("before", err, fs.ErrNotExist)
	for _, want := range []state.EnvironmentValue{
		{Text: `%SystemRoot%\x;C:\k`, Expand: true}, {Text: `%SystemRoot%\x`}, {Text: ""}, {Text: "a=b"},
	} {
		c.must(environment.SetVariable(c.ctx(), name, want))
		got, err := environment.Variable(c.ctx(), strings.ToUpper(name))
		c.must(err)
		c.equal("variable", want, got)
	}
	for range 2 {
		c.must(environment.DeleteVariable(c.ctx(), strings.ToLower(name)))
	}
	_, err = environment.Variable(c.ctx(), name)
	c.is("afterwards", err, fs.ErrNotExist)
}

// certificate is one that no host has.
func (c *check) certificate() []byte {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	c.must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mullion contract"},
		NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	c.must(err)
	return der
}

func certificates(c *check) {
	der := c.certificate()
	digest := state.Digest(der)
	store := c.Host.Certificates
	expect := func(want bool) {
		for _, written := range []string{digest, strings.ToUpper(digest)} {
			has, err := store.HasCertificate(c.ctx(), written)
			c.must(err)
			c.equal("has it", want, has)
		}
	}
	expect(false)
	for range 2 {
		c.must(store.AddCertificate(c.ctx(), der))
		expect(true)
	}
	for range 2 {
		c.must(store.DeleteCertificate(c.ctx(), strings.ToUpper(digest)))
		expect(false)
	}
}
