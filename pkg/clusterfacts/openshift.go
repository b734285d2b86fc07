package clusterfacts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	openshiftGroup = "config.openshift.io"
	// openshiftName is that of each of the objects that configure an OpenShift cluster.
	openshiftName = "cluster"
	// openshiftConfig is the namespace of ConfigMaps that those objects name.
	openshiftConfig = "openshift-config"
	// openshiftTrustedKey is the key of the ConfigMap of trusted authorities.
	openshiftTrustedKey = "ca-bundle.crt"
)

// openshift is what OpenShift's configuration tells,
// https://docs.redhat.com/en/documentation/openshift_container_platform/latest/html/config_apis.
type openshift struct {
	// server is the URL by which nodes reach the API server.
	server   string
	podCIDRs []string
	// trusted is the name of a ConfigMap of authorities that are trusted besides; empty where there is none.
	trusted string
	// proxy is the one that is in force; nil where there is none.
	proxy *v1alpha1.ProxySpec
}

// readOpenShift finds out whether this is OpenShift. Its types are not imported: few fields are read.
func (g *gathering) readOpenShift(ctx context.Context) error {
	infrastructure, err := g.findConfig(ctx, "Infrastructure")
	if err != nil || infrastructure == nil {
		return err
	}
	cluster := &openshift{}
	cluster.server, _, _ = unstructured.NestedString(infrastructure.Object, "status", "apiServerInternalURI")
	network, err := g.findConfig(ctx, "Network")
	if err != nil {
		return err
	}
	if network != nil {
		if cluster.podCIDRs, err = clusterNetworks(network); err != nil {
			return err
		}
	}
	proxy, err := g.findConfig(ctx, "Proxy")
	if err != nil {
		return err
	}
	if proxy != nil {
		cluster.trusted, _, _ = unstructured.NestedString(proxy.Object, "spec", "trustedCA", "name")
		cluster.proxy = proxyInForce(proxy)
	}
	g.openshift = cluster
	return nil
}

// proxyInForce is what the status of OpenShift's Proxy has: what was asked for, once it was found to work, and the cluster's
// own networks with what is reached directly.
func proxyInForce(proxy *unstructured.Unstructured) *v1alpha1.ProxySpec {
	text := func(field string) string {
		value, _, _ := unstructured.NestedString(proxy.Object, "status", field)
		return value
	}
	inForce := v1alpha1.ProxySpec{HTTP: text("httpProxy"), HTTPS: text("httpsProxy")}
	if inForce.HTTP == "" && inForce.HTTPS == "" {
		return nil
	}
	for entry := range strings.SplitSeq(text("noProxy"), ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			inForce.NoProxy = append(inForce.NoProxy, entry)
		}
	}
	slices.Sort(inForce.NoProxy) // Another order is no change.
	return &inForce
}

// findProxy is the proxy of the cluster itself.
func (g *gathering) findProxy() {
	if g.openshift != nil {
		g.found.Proxy = g.openshift.proxy
	}
}

// findConfig returns nil where there is no such object.
func (g *gathering) findConfig(ctx context.Context, kind string) (*unstructured.Unstructured, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Group: openshiftGroup, Version: "v1", Kind: kind})
	found, err := g.find(ctx, kind+"."+openshiftGroup, "", openshiftName, object)
	if err != nil || !found {
		return nil, err
	}
	return object, nil
}

// clusterNetworks are the blocks of pods' addresses.
func clusterNetworks(network *unstructured.Unstructured) ([]string, error) {
	entries, _, err := unstructured.NestedSlice(network.Object, "status", "clusterNetwork")
	if err != nil {
		return nil, fmt.Errorf("reading Network.%s %s: %w", openshiftGroup, openshiftName, err)
	}
	var cidrs []string
	for _, entry := range entries {
		if fields, ok := entry.(map[string]any); ok {
			if cidr, ok := fields["cidr"].(string); ok {
				cidrs = append(cidrs, cidr)
			}
		}
	}
	return cidrs, nil
}

// findTrustedAuthorities are those that OpenShift's proxy, or another part of the network, needs.
func (g *gathering) findTrustedAuthorities(ctx context.Context) error {
	if g.openshift == nil || g.openshift.trusted == "" {
		return nil
	}
	text, err := g.findConfigMap(ctx, openshiftConfig, g.openshift.trusted, openshiftTrustedKey)
	g.found.TrustedAuthorities = []byte(text)
	return err
}
