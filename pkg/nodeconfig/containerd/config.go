package containerd

import (
	"bytes"
	"fmt"

	"github.com/pelletier/go-toml/v2"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/override"
)

// Version is that of the configuration file: 3 is read by every containerd from 2.0 on.
const Version = 3

// Endpoint is where containerd serves CRI, as the kubelet is told.
const Endpoint = "npipe://./pipe/containerd-containerd"

// pipe is the same as Windows calls it.
const pipe = `\\.\pipe\containerd-containerd`

// DefaultSandboxImage is the first pause image with an entry for Windows Server 2025.
const DefaultSandboxImage = "registry.k8s.io/pause:3.10.2"

// The plugins of containerd that a node's configuration is about, and the handlers of RuntimeClasses.
const (
	imagesPlugin  = "io.containerd.cri.v1.images"
	runtimePlugin = "io.containerd.cri.v1.runtime"

	processHandler = "runhcs-wcow-process"
	hyperVHandler  = "runhcs-wcow-hypervisor"
)

// Options are what containerd's configuration depends on.
type Options struct {
	// Root keeps images and containers, State what lasts until the next boot.
	Root, State string
	// CNIBinaries are searched in this order, which needs containerd 2.1; CNIConfig has the networks.
	CNIBinaries []string
	CNIConfig   string
	// Mirrors is the directory of hosts.toml files.
	Mirrors      string
	SandboxImage string
	// HyperV adds the handler for Hyper-V isolation.
	HyperV   bool
	LogLevel string
	// Override is merged into the result; Field is its path in the object it comes from.
	Override *runtime.RawExtension
	Field    *field.Path
}

// Config renders config.toml.
func Config(o Options) ([]byte, field.ErrorList) {
	base := map[string]any{
		"version": int64(Version),
		"root":    o.Root,
		"state":   o.State,
		"grpc":    map[string]any{"address": pipe},
		"debug":   map[string]any{"level": o.LogLevel},
		"plugins": map[string]any{
			imagesPlugin: map[string]any{
				"pinned_images": map[string]any{"sandbox": o.SandboxImage},
				"registry":      map[string]any{"config_path": o.Mirrors},
			},
			runtimePlugin: map[string]any{
				"cni": map[string]any{
					"bin_dirs": document.Strings(o.CNIBinaries),
					"conf_dir": o.CNIConfig,
				},
				"containerd": map[string]any{
					"default_runtime_name": processHandler,
					"runtimes":             handlers(o.HyperV),
				},
			},
		},
	}
	merged, problems := override.Apply(base, o.Override, fixed(), o.Field)
	if problems != nil {
		return nil, problems
	}
	var written bytes.Buffer
	if err := toml.NewEncoder(&written).Encode(merged); err != nil {
		err = fmt.Errorf("cannot be written as TOML: %w", err)
		return nil, field.ErrorList{field.Invalid(o.Field, field.OmitValueType{}, err.Error())}
	}
	return written.Bytes(), nil
}

// handlers are the runtimes that RuntimeClasses name. Their options are those of the shim,
// https://pkg.go.dev/github.com/Microsoft/hcsshim/cmd/containerd-shim-runhcs-v1/options#Options: an isolation of 1
// is Hyper-V's. Logs are scrubbed of environment variables, for these may have secrets.
func handlers(hyperV bool) map[string]any {
	all := map[string]any{
		processHandler: map[string]any{
			"runtime_type":          "io.containerd.runhcs.v1",
			"container_annotations": []any{"io.microsoft.container.*"},
			"options":               map[string]any{"ScrubLogs": true},
		},
	}
	if hyperV {
		all[hyperVHandler] = map[string]any{
			"runtime_type":          "io.containerd.runhcs.v1",
			"pod_annotations":       []any{"io.microsoft.virtualmachine.*"},
			"container_annotations": []any{"io.microsoft.container.*"},
			"options": map[string]any{
				"ScrubLogs":               true,
				"SandboxIsolation":        int64(1),
				"ScaleCpuLimitsToSandbox": true,
			},
		}
	}
	return all
}

// fixed are the settings that an override must not touch.
func fixed() []override.Rule {
	return []override.Rule{
		{Path: []string{"version"}, Reason: "the rest is written in this version"},
		{Path: []string{"imports"}, Reason: "what other files say could not be checked"},
		{Path: []string{"root"}, Reason: "images and containers would be left behind"},
		{Path: []string{"state"}, Reason: "running containers would be lost"},
		{Path: []string{"grpc", "address"}, Reason: "the kubelet goes by it"},
		{Path: []string{"plugins", imagesPlugin, "registry"}, Reason: "use spec.registryMirrors"},
		{Path: []string{"plugins", imagesPlugin, "pinned_images", "sandbox"}, Reason: "use spec.containerd.sandboxImage"},
		{Path: []string{"plugins", runtimePlugin, "cni", "bin_dir"}, Reason: "containerd refuses it beside bin_dirs"},
		{Path: []string{"plugins", runtimePlugin, "cni", "bin_dirs"}, Reason: "the bundle's plugins are there"},
		{Path: []string{"plugins", runtimePlugin, "cni", "conf_dir"}, Reason: "the network's configuration is written there"},
		{Path: []string{"plugins", runtimePlugin, "containerd", "runtimes", processHandler}, Reason: "RuntimeClasses go by it"},
		{Path: []string{"plugins", runtimePlugin, "containerd", "runtimes", hyperVHandler}, Reason: "RuntimeClasses go by it; use spec.containerd.hyperV"},
	}
}
