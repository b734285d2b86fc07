package containerd

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// hostsFile writes hosts.toml for one registry, and the certificates that it names. containerd tries hosts in the
// order of the file, for which reason it is written line by line: a map of TOML has no order.
func hostsFile(mirrors []mirror) ([]RegistryFile, field.ErrorList) {
	endpoints, only, problems := combine(mirrors)
	for _, at := range endpoints {
		if at.authority != "" && !isCertificates(at.authority) {
			problems = append(problems, notCertificates(at))
		}
	}
	var (
		text  strings.Builder
		files []RegistryFile
	)
	if only {
		// What is said outside of any host is about the last resort. The last mirror takes the registry's place.
		last := len(endpoints) - 1
		text.WriteString("server = " + strconv.Quote(endpoints[last].url) + "\n")
		files = append(files, endpoints[last].write(&text)...)
		endpoints = endpoints[:last]
	}
	for _, at := range endpoints {
		text.WriteString("\n[host." + strconv.Quote(at.url) + "]\n")
		files = append(files, at.write(&text)...)
	}
	files = append(files, RegistryFile{Name: "hosts.toml", Content: []byte(strings.TrimLeft(text.String(), "\n"))})
	slices.SortFunc(files, func(a, b RegistryFile) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(files, func(a, b RegistryFile) bool { return a.Name == b.Name }), problems
}

// combine lists the endpoints of a registry, each once: TOML does not let a host be told twice. Where nothing but
// mirrors is asked, the last one of the registry as a whole comes last.
func combine(mirrors []mirror) (all []endpoint, only bool, problems field.ErrorList) {
	last := ""
	for _, source := range mirrors {
		for _, at := range source.endpoints {
			if source.only {
				only, last = true, at.url
			}
			before := slices.IndexFunc(all, func(e endpoint) bool { return e.url == at.url })
			if before < 0 {
				all = append(all, at)
				continue
			}
			if all[before].authority != at.authority {
				problems = append(problems, field.Invalid(at.field, at.url, "is a mirror of the same registry with another certificateAuthority"))
			}
			all[before].tags = all[before].tags || at.tags
		}
	}
	if only {
		at := slices.IndexFunc(all, func(e endpoint) bool { return e.url == last })
		resort := all[at]
		all = append(slices.Delete(all, at, at+1), resort)
	}
	return all, only, problems
}

// write writes the settings of an endpoint, and returns the files that they name.
func (e endpoint) write(text *strings.Builder) []RegistryFile {
	capabilities := `["pull"]`
	if e.tags {
		capabilities = `["pull", "resolve"]`
	}
	text.WriteString("capabilities = " + capabilities + "\n")
	if e.override {
		text.WriteString("override_path = true\n")
	}
	if e.authority == "" {
		return nil
	}
	digest := sha256.Sum256([]byte(e.authority))
	file := RegistryFile{Name: "ca-" + hex.EncodeToString(digest[:6]) + ".pem", Content: []byte(e.authority)}
	text.WriteString("ca = " + strconv.Quote(file.Name) + "\n")
	return []RegistryFile{file}
}

func notCertificates(at endpoint) *field.Error {
	return field.Invalid(at.field, at.url, "has a certificateAuthority that is not PEM of certificates")
}

func isCertificates(text string) bool {
	rest := []byte(text)
	found := false
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return found && strings.TrimSpace(string(rest)) == ""
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil || block.Type != "CERTIFICATE" {
			return false
		}
		found = true
	}
}
