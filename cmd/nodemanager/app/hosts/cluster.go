package hosts

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/pkg/clusterfacts"
)

// ClusterOptions are what nodes have to know of the cluster where the cluster itself does not tell.
type ClusterOptions struct {
	Server, AuthorityFile, ClientAuthorityFile, Version, Domain string
	DNS, ServiceCIDRs, PodCIDRs                                 []string
}

// AddFlags adds the flags.
func (o *ClusterOptions) AddFlags(flags *pflag.FlagSet) {
	const otherwise = " By default, what the cluster says of itself."
	flags.StringVar(&o.Server, "cluster-server", o.Server, "URL of the API server as nodes reach it."+otherwise)
	flags.StringVar(&o.AuthorityFile, "cluster-authority", o.AuthorityFile, "PEM file of the authorities that certificates of API servers are from."+otherwise)
	flags.StringVar(&o.ClientAuthorityFile, "cluster-client-authority", o.ClientAuthorityFile, "PEM file of the authorities that certificates of kubelets' clients are from."+otherwise)
	flags.StringVar(&o.Version, "cluster-version", o.Version, "Version of the oldest API server, such as v1.36.3."+otherwise)
	flags.StringSliceVar(&o.DNS, "cluster-dns", o.DNS, "Addresses of the cluster's DNS."+otherwise)
	flags.StringVar(&o.Domain, "cluster-domain", o.Domain, "Domain of the cluster's DNS."+otherwise)
	flags.StringSliceVar(&o.ServiceCIDRs, "service-cidrs", o.ServiceCIDRs, "Networks of Services."+otherwise)
	flags.StringSliceVar(&o.PodCIDRs, "pod-cidrs", o.PodCIDRs, "Networks of pods."+otherwise)
}

// given reads the options. The error names every flag at fault.
func (o *ClusterOptions) given() (given clusterfacts.Given, err error) {
	var errs []error
	wrong := func(flag string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", flag, err))
		}
	}
	given.Server, given.Domain = o.Server, o.Domain
	given.Authority, err = readFile(o.AuthorityFile)
	wrong("--cluster-authority", err)
	given.ClientAuthority, err = readFile(o.ClientAuthorityFile)
	wrong("--cluster-client-authority", err)
	if o.Version != "" {
		given.ServerVersion, err = version.ParseSemantic(o.Version)
		wrong("--cluster-version", err)
	}
	given.DNS, err = parseAll(o.DNS, netip.ParseAddr)
	wrong("--cluster-dns", err)
	given.ServiceCIDRs, err = parseAll(o.ServiceCIDRs, netip.ParsePrefix)
	wrong("--service-cidrs", err)
	given.PodCIDRs, err = parseAll(o.PodCIDRs, netip.ParsePrefix)
	wrong("--pod-cidrs", err)
	return given, errors.Join(errs...)
}

func readFile(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	return os.ReadFile(path) //nolint:gosec // The administrator names it.
}

func parseAll[T any](texts []string, parse func(string) (T, error)) ([]T, error) {
	var all []T
	for _, text := range texts {
		one, err := parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
