package containerd_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/containerd"
)

func options(override string) containerd.Options {
	o := containerd.Options{
		Root: `C:\root`, State: `C:\state`, CNIBinaries: []string{`C:\a`, `C:\b`}, CNIConfig: `C:\net.d`,
		Mirrors: `C:\certs.d`, SandboxImage: "pause:1", LogLevel: "info", Field: field.NewPath("configuration"),
	}
	if override != "" {
		o.Override = &runtime.RawExtension{Raw: []byte(override)}
	}
	return o
}

func TestAnOverrideOfContainerdIsMerged(t *testing.T) {
	raw, problems := containerd.Config(options(`{
		"metrics": {"address": "127.0.0.1:1338"},
		"plugins": {
			"io.containerd.cri.v1.images": {"max_concurrent_downloads": 5},
			"io.containerd.cri.v1.runtime": {"containerd": {"runtimes": {"mine": {"runtime_type": "x"}}}}
		}}`))
	if problems != nil {
		t.Fatal(problems)
	}
	var got struct {
		Version int64
		Metrics struct{ Address string }
		Plugins map[string]struct {
			Downloads  int64 `toml:"max_concurrent_downloads"`
			Containerd struct {
				Runtimes map[string]struct {
					Type string `toml:"runtime_type"`
				}
			}
		}
	}
	if err := toml.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 3 || got.Metrics.Address != "127.0.0.1:1338" || got.Plugins["io.containerd.cri.v1.images"].Downloads != 5 {
		t.Errorf("got %+v", got)
	}
	runtimes := got.Plugins["io.containerd.cri.v1.runtime"].Containerd.Runtimes
	if runtimes["mine"].Type != "x" || runtimes["runhcs-wcow-process"].Type != "io.containerd.runhcs.v1" {
		t.Errorf("runtimes are %+v", runtimes)
	}
}

func TestWhatOthersGoByIsNotOverridden(t *testing.T) {
	for override, want := range map[string]string{
		`{"version": 2}`:         "configuration.version: Forbidden: the rest is written in this version",
		`{"imports": ["C:\\x"]}`: "configuration.imports: Forbidden: what other files say could not be checked",
		`{"grpc": null}`:         "configuration.grpc: Forbidden: the kubelet goes by it",
		`{"plugins": {"io.containerd.cri.v1.images": {"registry": {"config_path": "x"}}}}`: `configuration.plugins[io.containerd.cri.v1.images].registry: Forbidden: use spec.registryMirrors`,
		`{"a": 1`: "configuration: Invalid value: is not a JSON object: unexpected end of JSON input",
		`[]`:      "configuration: Invalid value: is not a JSON object: json: cannot unmarshal array into Go value of type map[string]interface {}",
	} {
		t.Run(override, func(t *testing.T) {
			_, problems := containerd.Config(options(override))
			if len(problems) != 1 || problems[0].Error() != want {
				t.Errorf("got %v", problems)
			}
		})
	}
}

func TestTheSameConfigurationIsAlwaysTheSameBytes(t *testing.T) {
	first, _ := containerd.Config(options(`{"b": 1, "a": {"d": 1, "c": 2}}`))
	second, _ := containerd.Config(options(`{"a": {"c": 2, "d": 1}, "b": 1}`))
	if diff := cmp.Diff(string(first), string(second)); diff != "" {
		t.Errorf("another order of keys renders (-first +second):\n%s", diff)
	}
}

// FuzzConfig shows that whatever an override says is read back from TOML as it was said.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{`{}`, `{"debug": {"level": "trace"}}`, `{"a": [1, "x", true]}`, `{"a": {"": "\u0000"}}`, `{"a": 1.5e300}`, `{"a": [{}]}`, `{"a": [null]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, override string) {
		raw, problems := containerd.Config(options(override))
		if problems != nil {
			return
		}
		var tree map[string]any
		if err := toml.Unmarshal(raw, &tree); err != nil {
			t.Fatalf("%v in:\n%s", err, raw)
		}
		if tree["version"] != int64(3) || tree["root"] != `C:\root` {
			t.Errorf("what is protected has changed: %v", tree)
		}
	})
}
