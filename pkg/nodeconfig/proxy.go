package nodeconfig

import (
	"fmt"
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// buildProxy sets the proxy for the machine, and for each of our services: those do not see the machine's variables
// before a reboot. Entries of NO_PROXY are ours one by one: what an administrator has in it stays.
func (b *builder) buildProxy() {
	proxy := b.proxy()
	if proxy == nil {
		return
	}
	for _, variable := range []struct{ name, value string }{{"HTTP_PROXY", proxy.HTTP}, {"HTTPS_PROXY", proxy.HTTPS}} {
		if variable.value == "" {
			continue
		}
		b.desired.Variables = append(b.desired.Variables, state.Variable{Name: variable.name, Value: &variable.value})
		b.environment = append(b.environment, state.ServiceVariable{Name: variable.name, Value: variable.value})
	}
	entries := b.noProxy(proxy.NoProxy)
	b.desired.Variables = append(b.desired.Variables, state.Variable{Name: "NO_PROXY", Entries: entries, Separator: ","})
	b.environment = append(b.environment, state.ServiceVariable{Name: "NO_PROXY", Value: strings.Join(entries, ",")})
}

// proxy is the configuration's, or else the cluster's; nil where there is none. One of the cluster's that cannot be used is
// left out with a warning: nobody could mend it in the configuration of a node. What is wrong with a URL is said without
// the URL, which may have a password in it.
func (b *builder) proxy() *v1alpha1.ProxySpec {
	if b.spec.Proxy != nil {
		return usableProxy(*b.spec.Proxy, func(scheme, problem string) {
			b.wrong(field.Invalid(specPath("proxy", scheme), field.OmitValueType{}, problem))
		})
	}
	if b.cluster.Proxy == nil {
		return nil
	}
	usable := usableProxy(*b.cluster.Proxy, func(scheme, problem string) {
		b.warnings = append(b.warnings, fmt.Sprintf("The cluster's proxy for %s is left out: it %s. Set spec.proxy.", scheme, problem))
	})
	if usable.HTTP == "" && usable.HTTPS == "" {
		return nil
	}
	return usable
}

// usableProxy leaves out what is wrong, and says it.
func usableProxy(proxy v1alpha1.ProxySpec, wrong func(scheme, problem string)) *v1alpha1.ProxySpec {
	for _, part := range []struct {
		scheme string
		value  *string
	}{{"http", &proxy.HTTP}, {"https", &proxy.HTTPS}} {
		if problem := checkProxy(*part.value); problem != "" {
			wrong(part.scheme, problem)
			*part.value = ""
		}
	}
	return &proxy
}

// checkProxy says what is wrong with the URL of a proxy. An empty one is none, and right.
func checkProxy(value string) string {
	parsed, err := url.Parse(value)
	switch {
	case value == "":
		return ""
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		return "is not the URL of a proxy, such as http://proxy.example.com:3128"
	case parsed.User != nil:
		return "has credentials, which everybody who may log in to a host could read"
	}
	return ""
}

// noProxy is what is reached directly: what was said, then the cluster, each once. The form of entries
// is that of https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config, which containerd and Kubernetes follow.
func (b *builder) noProxy(said []string) []string {
	all := strings.Split(strings.Join(said, ","), ",") // One entry may be a list that was pasted.
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
