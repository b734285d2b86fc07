package input

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// node is a configuration of nodes, and all that it is to be applied to a host.
type node struct {
	config   *v1alpha1.WindowsNodeConfig
	programs nodeconfig.Bundle
	cluster  nodeconfig.Cluster
	host     nodeconfig.Host // without the host's facts
}

// openConfig reads a configuration, what stands in for a cluster, and the bundle.
func (i *Input) openConfig(ctx context.Context, f *Flags, progress func(string)) error {
	text, err := os.ReadFile(f.config)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	config, facts, err := decodeConfig(text)
	if err != nil {
		return fmt.Errorf("--config: %s: %w", f.config, err)
	}
	n := &node{config: config}
	directory := filepath.Dir(f.config)
	if n.cluster, err = facts.cluster(directory); err == nil {
		n.host, err = facts.Node.host(directory)
	}
	if err != nil {
		return fmt.Errorf("--config: %s: %s: %w", f.config, clusterFactsKind, err)
	}
	if n.programs, err = i.openBundle(ctx, f, config.Spec.Bundle.Image, progress); err != nil {
		return err
	}
	i.node, i.Owner = n, n.cluster.UID
	return nil
}

// decodeConfig reads the two documents of a configuration, in any order, strictly.
func decodeConfig(text []byte) (*v1alpha1.WindowsNodeConfig, *ClusterFacts, error) {
	var config *v1alpha1.WindowsNodeConfig
	var facts *ClusterFacts
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		var meta metav1.TypeMeta
		if err := yaml.Unmarshal(document, &meta); err != nil {
			return nil, nil, err
		}
		switch meta {
		case metav1.TypeMeta{}: // Comments alone.
		case metav1.TypeMeta{APIVersion: v1alpha1.SchemeGroupVersion.String(), Kind: "WindowsNodeConfig"}:
			config, err = decode[v1alpha1.WindowsNodeConfig](document, config)
		case metav1.TypeMeta{APIVersion: clusterFactsVersion, Kind: clusterFactsKind}:
			facts, err = decode[ClusterFacts](document, facts)
		default:
			err = fmt.Errorf("%s of %s is neither a WindowsNodeConfig of %s nor %s of %s",
				meta.Kind, meta.APIVersion, v1alpha1.SchemeGroupVersion, clusterFactsKind, clusterFactsVersion)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	switch {
	case config == nil:
		return nil, nil, errors.New("there is no WindowsNodeConfig in it")
	case facts == nil:
		return nil, nil, fmt.Errorf("there is no %s of %s in it: it stands in for the cluster, as a second document", clusterFactsKind, clusterFactsVersion)
	default:
		return config, facts, nil
	}
}

// decode reads a document of which there must be only one.
func decode[T any](document []byte, before *T) (*T, error) {
	into := new(T)
	if before != nil {
		return nil, fmt.Errorf("there are two documents of the same kind as %T", *into)
	}
	return into, yaml.UnmarshalStrict(document, into)
}

// desired is what a host with these facts shall be.
func (n *node) desired(facts *state.Facts) (*state.Desired, []string, error) {
	host := n.host
	host.Facts = *facts
	result, err := nodeconfig.Desired(n.config, n.programs, n.cluster, host)
	if err != nil {
		return nil, nil, err
	}
	return &result.State, append(result.Warnings, result.Waiting...), nil
}
