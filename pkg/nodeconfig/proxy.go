package nodeconfig

import (
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// buildProxy sets the proxy for the machine, and for each of our services: those do not see the machine's variables
// before a reboot. Entries of NO_PROXY are ours one by one: what an administrator has in it stays.
func (b *builder) buildProxy() {
	proxy := b.spec.Proxy
	if proxy == nil {
		return
	}
	for _, variable := range []struct{ name, value, field string }{
		{"HTTP_PROXY", proxy.HTTP, "http"},
		{"HTTPS_PROXY", proxy.HTTPS, "https"},
	} {
		if variable.value == "" {
			continue
		}
		if problem := checkProxy(variable.value); problem != "" {
			// The value may have a password in it: it is not repeated.
			b.wrong(field.Invalid(specPath("proxy", variable.field), field.OmitValueType{}, problem))
			continue
		}
		b.desired.Variables = append(b.desired.Variables, state.Variable{Name: variable.name, Value: &variable.value})
		b.environment = append(b.environment, state.ServiceVariable{Name: variable.name, Value: variable.value})
	}
	entries := b.noProxy()
	b.desired.Variables = append(b.desired.Variables, state.Variable{Name: "NO_PROXY", Entries: entries, Separator: ","})
	b.environment = append(b.environment, state.ServiceVariable{Name: "NO_PROXY", Value: strings.Join(entries, ",")})
}

func checkProxy(value string) string {
	parsed, err := url.Parse(value)
	switch {
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		return "is not the URL of a proxy, such as http://proxy.example.com:3128"
	case parsed.User != nil:
		return "has credentials, which everybody who may log in to a host could read"
	}
	return ""
}

// noProxy is what is reached directly: what the administrator says, then the cluster, each once. The form of entries
// is that of https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config, which containerd and Kubernetes follow.
func (b *builder) noProxy() []string {
	all := strings.Split(strings.Join(b.spec.Proxy.NoProxy, ","), ",") // One entry may be a list that was pasted.
	all = append(all, "localhost", "127.0.0.1", "169.254.169.254", ".svc", "."+b.cluster.Domain)
	for _, prefix := range b.cluster.ServiceCIDRs {
		all = append(all, prefix.String())
	}
	for _, prefix := range b.cluster.PodCIDRs {
		all = append(all, prefix.String())
	}
	if b.nodeNetwork.IsValid() {
		all = append(all, b.nodeNetwork.String())
	}
	if server, err := url.Parse(b.cluster.Server); err == nil && server.Hostname() != "" {
		all = append(all, server.Hostname())
	}
	var once []string
	seen := map[string]bool{}
	for _, entry := range all {
		entry = strings.TrimSpace(entry)
		if key := strings.ToLower(entry); entry != "" && !seen[key] {
			seen[key] = true
			once = append(once, entry)
		}
	}
	return once
}
