package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/bundle"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// What is measured is the sample of a production node, in a cluster with the authority of the tests; relative to the
// repository.
const (
	sample    = "manifests/samples/nodes/production.yaml"
	authority = "pkg/nodeconfig/testdata/cluster-ca.crt"
)

// programSize is how large each program of the bundle is, in bytes: the traffic that is measured is that without them.
const programSize = 64 << 10

// programs are the files of the sample's bundle, with their releases.
func programs() [][3]string {
	return [][3]string{
		{"cni/host-local.exe", "cni-plugins", "v1.9.0"},
		{"cni/win-overlay.exe", "cni-plugins", "v1.9.0"},
		{"containerd-shim-runhcs-v1.exe", "hcsshim", "v0.14.0"},
		{"containerd.exe", "containerd", "v2.4.2"},
		{"csi-proxy.exe", "csi-proxy", "v1.3.0"},
		{"hybrid-overlay-node.exe", "ovn-kubernetes", "v1.2.0"},
		{"kube-log-runner.exe", "kubernetes", "v1.37.2"},
		{"kube-proxy.exe", "kubernetes", "v1.37.2"},
		{"kubelet.exe", "kubernetes", "v1.37.2"},
		{"windows_exporter.exe", "windows_exporter", "v0.31.3"},
	}
}

// node is what a host of the sample shall be once it has joined, and the content of its files.
func node(facts state.Facts) (*state.Desired, remote.Contents, error) {
	text, err := os.ReadFile(sample)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the sample (run this in the repository's folder): %w", err)
	}
	trusted, err := os.ReadFile(authority)
	if err != nil {
		return nil, nil, err
	}
	config := new(v1alpha1.WindowsNodeConfig)
	if err := yaml.UnmarshalStrict(text, config); err != nil {
		return nil, nil, fmt.Errorf("reading the sample: %w", err)
	}
	manifest, contents := &bundle.Manifest{Schema: bundle.Schema}, memory{}
	for _, program := range programs() {
		content := bytes.Repeat([]byte(program[0]), 1+programSize/len(program[0]))[:programSize]
		digest := state.Digest(content)
		contents[digest] = content
		manifest.Files = append(manifest.Files, bundle.File{
			Path: program[0], Size: programSize, SHA256: digest, Executable: true, Component: program[1], Version: program[2],
		})
	}
	_, digest, _ := strings.Cut(config.Spec.Bundle.Image, "@")
	result, err := nodeconfig.Desired(config, nodeconfig.Bundle{Digest: digest, Manifest: manifest}, nodeconfig.Cluster{
		UID: "b5c0a7de-9d0c-4f39-8f7b-0d3c7c9a4b11", Server: "https://api.cluster.example.com:6443",
		Authority: trusted, ClientAuthority: trusted, ServerVersion: version.MustParseSemantic("v1.37.4"),
		DNS: []netip.Addr{netip.MustParseAddr("10.96.0.10")}, Domain: "cluster.local",
		ServiceCIDRs: []netip.Prefix{netip.MustParsePrefix("10.96.0.0/12")}, PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.132.0.0/14")},
	}, nodeconfig.Host{
		Facts: facts, Joined: true, OVNSubnet: "10.132.4.0/24", SourceVIP: netip.MustParseAddr("10.132.4.254"),
	})
	if err != nil {
		return nil, nil, err
	}
	return &result.State, contents, nil
}

// memory are contents by digest.
type memory map[string][]byte

// Open implements remote.Contents.
func (m memory) Open(_ context.Context, sha256 string) (remote.Content, error) {
	content, found := m[sha256]
	if !found {
		return nil, fs.ErrNotExist
	}
	return held{bytes.NewReader(content)}, nil
}

// held needs no closing.
type held struct{ *bytes.Reader }

func (held) Close() error { return nil }
