package nodeconfig

import (
	"net/netip"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/containerd"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/kubelet"
)

// defaultVerbosity is what the API defaults to, for objects that no API server has defaulted.
const defaultVerbosity = 2

// buildKubelet sets up the kubelet.
func (b *builder) buildKubelet() {
	b.checkLogging()
	config, problems := kubelet.Configuration(kubelet.Options{
		RuntimeEndpoint: containerd.Endpoint,
		ClientCAFile:    clientAuthority.String(),
		VolumePluginDir: volumePlugins.String(),
		PodLogsDir:      podLogs.String(),
		ClusterDNS:      texts(b.cluster.DNS),
		ClusterDomain:   b.cluster.Domain,
		Taints:          b.spec.Taints,
		Override:        b.spec.Kubelet.Configuration,
		Field:           specPath("kubelet", "configuration"),
	})
	b.wrong(problems...)
	b.file(kubeletConfig, config, state.FormatJSON)
	b.file(clientAuthority, b.cluster.ClientAuthority, state.FormatText)
	b.buildBootstrap()
	b.desired.Directories = append(b.desired.Directories,
		state.Directory{Path: kubeletRoot, Purge: true},
		state.Directory{Path: certificateDir, Access: state.AccessAdministrators, Purge: true},
		state.Directory{Path: volumePlugins, Access: state.AccessAdministrators, Purge: true},
		state.Directory{Path: podLogs},
	)
	log := logFile(kubeletService)
	program, arguments := b.logged(b.program(kubeletProgram, kubeletService), b.kubeletFlags().Arguments(), log)
	b.service(state.Service{
		Name:        kubeletService,
		Description: "Kubernetes node agent.",
		Program:     program,
		Arguments:   arguments,
		DependsOn:   []string{containerdService},
		Ports:       []uint16{kubelet.Port},
		Log:         log,
	})
	b.open(kubeletService, "TCP", "Lets API servers reach the kubelet.", kubelet.Port)
}

func (b *builder) kubeletFlags() kubelet.Flags {
	flags := kubelet.Flags{
		Config:                kubeletConfig.String(),
		BootstrapKubeconfig:   bootstrapKubeconfig.String(),
		Kubeconfig:            kubeconfig.String(),
		CertificateDir:        certificateDir.String(),
		RootDir:               kubeletRoot.String(),
		NodeName:              b.nodeName,
		NodeIP:                b.nodeIP.String(),
		Labels:                b.registered,
		ExternalCloudProvider: b.spec.CloudProvider.External,
		Verbosity:             verbosity(b.spec.Kubelet.Verbosity),
	}
	if b.buildCredentialProviders() {
		flags.CredentialConfig = credentialsConfig.String()
		flags.CredentialDir = b.installed(kubelet.ProviderDirectory).String()
	}
	return flags
}

// buildCredentialProviders tells whether there are any.
func (b *builder) buildCredentialProviders() bool {
	specs := b.spec.Kubelet.CredentialProviders
	if len(specs) == 0 {
		return false
	}
	fld := specPath("kubelet", "credentialProviders")
	credentials, problems := kubelet.CredentialProviders(specs, fld)
	b.wrong(problems...)
	for _, program := range credentials.Programs {
		if problem := checkBundlePath(program, fld); problem != nil {
			b.wrong(problem)
			continue
		}
		b.program(program, "spec.kubelet.credentialProviders")
	}
	b.file(credentialsConfig, credentials.Config, state.FormatJSON)
	return true
}

// buildBootstrap writes the token by which the host joins, and nothing once it has: the only secret of a host goes
// as soon as it has done its work.
func (b *builder) buildBootstrap() {
	if b.host.BootstrapToken == "" {
		return
	}
	content, err := kubelet.Bootstrap(b.cluster.Server, b.cluster.Authority, b.host.BootstrapToken)
	if err != nil {
		b.wrong(field.InternalError(specPath("kubelet"), err))
		return
	}
	text := string(content)
	b.desired.Files = append(b.desired.Files, state.File{
		Path: bootstrapKubeconfig, Inline: &text, Format: state.FormatJSON,
		Access: state.AccessAdministrators, Secret: true,
	})
}

func verbosity(level *int32) int32 {
	if level == nil {
		return defaultVerbosity
	}
	return *level
}

func texts(addresses []netip.Addr) []string {
	all := make([]string, len(addresses))
	for i, address := range addresses {
		all[i] = address.String()
	}
	return all
}

func prefixes(all []netip.Prefix) []string {
	list := make([]string, len(all))
	for i, prefix := range all {
		list[i] = prefix.String()
	}
	return list
}
