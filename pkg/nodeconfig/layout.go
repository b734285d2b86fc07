package nodeconfig

import "github.com/mullion-dev/mullion/pkg/agent/winpath"

// Where everything is on a host. Programs are in a directory of their version, so that going back is a switch; all
// else stays where it is from version to version.
//
// The kubelet writes its kubeconfig itself, so it is in a directory that goes with the host. Its certificates are where Red
// Hat's Windows Machine Config Operator has them.
const (
	root          = winpath.Path(`C:\k`)
	versionsRoot  = winpath.Path(`C:\k\versions`)
	logRoot       = winpath.Path(`C:\var\log`)
	kubeletRoot   = winpath.Path(`C:\var\lib\kubelet`)
	cniBinaries   = winpath.Path(`C:\opt\cni\bin`)
	cniConfig     = winpath.Path(`C:\etc\cni\net.d`)
	containerdDir = winpath.Path(`C:\ProgramData\containerd`)
	// containerdPlugins is what containerd makes for programs that are installed from images, whether there are any
	// or not: its plugin io.containerd.internal.v1.opt.
	containerdPlugins = winpath.Path(`C:\Program Files\containerd`)

	// authorizedKeys is where OpenSSH on Windows looks for the keys of administrators, see
	// https://learn.microsoft.com/windows-server/administration/openssh/openssh_keymanagement#administrative-user.
	authorizedKeys = winpath.Path(`C:\ProgramData\ssh\administrators_authorized_keys`)

	kubeconfig          = winpath.Path(`C:\var\lib\kubelet\kubeconfig`)
	bootstrapKubeconfig = winpath.Path(`C:\k\bootstrap-kubeconfig`)
	kubeletConfig       = winpath.Path(`C:\k\kubelet.conf`)
	clientAuthority     = winpath.Path(`C:\k\kubelet-ca.crt`)
	serverAuthority     = winpath.Path(`C:\k\api-server-ca.crt`)
	certificateDir      = winpath.Path(`C:\var\lib\kubelet\pki`)
	volumePlugins       = winpath.Path(`C:\var\lib\kubelet\volume-plugins`)
	podLogs             = winpath.Path(`C:\var\log\pods`)

	containerdConfig  = winpath.Path(`C:\k\containerd\containerd_conf.toml`)
	registryConfig    = winpath.Path(`C:\k\containerd\certs.d`)
	credentialsConfig = winpath.Path(`C:\k\credential-provider.conf`)
	kubeProxyConfig   = winpath.Path(`C:\k\kube-proxy.conf`)
	exporterConfig    = winpath.Path(`C:\k\windows-exporter-webconfig.yaml`)
	hybridCertDir     = winpath.Path(`C:\k\hybrid-overlay`)
	calicoKubeconfig  = winpath.Path(`C:\etc\cni\net.d\calico-kubeconfig`)

	// servingCertificate is certificate and key in one file; the kubelet keeps it and rotates it.
	servingCertificate = winpath.Path(`C:\var\lib\kubelet\pki\kubelet-server-current.pem`)
)

// Where files are in a bundle.
const (
	kubeletProgram       = "kubelet.exe"
	kubeProxyProgram     = "kube-proxy.exe"
	logRunnerProgram     = "kube-log-runner.exe"
	containerdProgram    = "containerd.exe"
	shimProgram          = "containerd-shim-runhcs-v1.exe"
	hybridOverlayProgram = "hybrid-overlay-node.exe"
	csiProxyProgram      = "csi-proxy.exe"
	exporterProgram      = "windows_exporter.exe"
	azureNodeProgram     = "azure-cloud-node-manager.exe"

	pluginDirectory     = "cni"
	winOverlayPlugin    = "cni/win-overlay.exe"
	winBridgePlugin     = "cni/win-bridge.exe"
	hostLocalPlugin     = "cni/host-local.exe"
	flannelPlugin       = "cni/flannel.exe"
	calicoPlugin        = "cni/calico.exe"
	calicoAddressPlugin = "cni/calico-ipam.exe"
)

// The names of services. They are those that everybody uses, so that monitoring and runbooks find them.
const (
	containerdService    = "containerd"
	kubeletService       = "kubelet"
	kubeProxyService     = "kube-proxy"
	hybridOverlayService = "hybrid-overlay-node"
	csiProxyService      = "csi-proxy"
	exporterService      = "windows_exporter"
	azureNodeService     = "cloud-node-manager"
)

// versionDigits is how much of a bundle's digest names its directory: enough that two never meet, and short enough
// for paths below it.
const versionDigits = 16

// logFile is where a service logs.
func logFile(service string) winpath.Path { return logRoot.Join(service, service+".log") }
