package nodeconfig

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/pkg/bundle"
)

// Desired is what a host shall be. The error has everything that is wrong, sorted by what it is about; the result is
// then of no use.
func Desired(config *v1alpha1.WindowsNodeConfig, programs Bundle, cluster Cluster, host Host) (Result, error) {
	if err := checkInput(programs, cluster, host); err != nil {
		return Result{}, err
	}
	b := &builder{
		spec:     &config.Spec,
		programs: programs,
		cluster:  cluster,
		host:     host,
		desired:  state.Desired{Schema: state.Schema, Owner: cluster.UID},
	}
	b.build()
	if err := b.problems.ToAggregate(); err != nil {
		return Result{}, fmt.Errorf("WindowsNodeConfig %s: %w", config.Name, err)
	}
	if err := b.desired.Validate(); err != nil {
		return Result{}, fmt.Errorf("WindowsNodeConfig %s makes no valid state of a host: %w", config.Name, err)
	}
	return b.result(), nil
}

// builder is one call of Desired.
type builder struct {
	spec     *v1alpha1.WindowsNodeConfigSpec
	programs Bundle
	cluster  Cluster
	host     Host

	version *version.Version // of Kubernetes
	// directory is where the bundle's files are.
	directory   winpath.Path
	nodeName    string
	nodeIP      netip.Addr
	nodeNetwork netip.Prefix
	managed     map[string]string // labels
	registered  map[string]string // labels
	// environment is that of every service of ours.
	environment []state.ServiceVariable

	desired  state.Desired
	problems field.ErrorList
	waiting  []string
	warnings []string
}

// build goes from what others depend on to what depends on them.
func (b *builder) build() {
	b.buildRequirements()
	b.buildVersion()
	b.buildNode()
	b.buildProxy()
	b.buildTrust()
	b.buildLogin()
	b.buildContainerd()
	b.buildKubelet()
	network := b.buildNetwork()
	b.buildKubeProxy(network)
	b.buildCSIProxy()
	b.buildMetrics()
	b.buildCloud()
	b.buildRoutes()
	b.buildServices()
}

func (b *builder) result() Result {
	return Result{
		State:         b.desired,
		NodeName:      b.nodeName,
		NodeIP:        b.nodeIP,
		ManagedLabels: b.managed,
		Waiting:       b.waiting,
		Warnings:      b.warnings,
	}
}

// checkInput refuses what no configuration can be blamed for.
func checkInput(programs Bundle, cluster Cluster, host Host) error {
	switch {
	case programs.Manifest == nil || !strings.HasPrefix(programs.Digest, "sha256:") || len(programs.Digest) != len("sha256:")+64:
		return errors.New("the bundle is not known")
	case cluster.UID == "" || cluster.Server == "" || cluster.Domain == "" || cluster.ServerVersion == nil:
		return errors.New("the cluster is not known: its UID, server, domain and version are needed")
	case len(cluster.DNS) == 0 || len(cluster.ServiceCIDRs) == 0 || len(cluster.PodCIDRs) == 0:
		return errors.New("the cluster's network is not known: the addresses of its DNS, Services and pods are needed")
	case !host.Joined && host.BootstrapToken == "":
		return errors.New("the host has not joined, and there is no bootstrap token for it")
	}
	if _, err := certificates(cluster.Authority); err != nil {
		return fmt.Errorf("reading the authority of API servers: %w", err)
	}
	if _, err := certificates(cluster.ClientAuthority); err != nil {
		return fmt.Errorf("reading the authority of kubelets' clients: %w", err)
	}
	return programs.Manifest.Validate()
}

// wrong notes what is wrong with a field.
func (b *builder) wrong(problems ...*field.Error) { b.problems = append(b.problems, problems...) }

// program is where a file of the bundle is on the host. A bundle that lacks it is told with who needs it.
func (b *builder) program(path, neededBy string) winpath.Path {
	if _, found := b.programs.Manifest.Find(path); !found {
		b.wrong(field.Invalid(specPath("bundle", "image"), b.spec.Bundle.Image, fmt.Sprintf(
			"the bundle has no %s, which %s needs", path, neededBy)))
	}
	return b.installed(path)
}

func (b *builder) installed(path string) winpath.Path {
	return b.directory.Join(strings.Split(path, "/")...)
}

// file adds a small file of ours.
func (b *builder) file(path winpath.Path, content []byte, format state.Format) {
	text := string(content)
	b.desired.Files = append(b.desired.Files, state.File{Path: path, Inline: &text, Format: format})
}

// open opens TCP or UDP ports to everybody.
func (b *builder) open(name, protocol, description string, ports ...uint16) {
	b.desired.Firewall = append(b.desired.Firewall, state.FirewallRule{
		Name: "mullion-" + name, Description: description, Protocol: protocol, Ports: ports,
	})
}

// specPath is the path of a field of the spec.
func specPath(names ...string) *field.Path { return field.NewPath("spec", names...) }

// checkBundlePath is bundle.CheckPath as a problem of a field.
func checkBundlePath(path string, fld *field.Path) *field.Error {
	if err := bundle.CheckPath(path); err != nil {
		return field.Invalid(fld, path, err.Error())
	}
	return nil
}
