package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/mullion-dev/mullion/test/localcluster"
)

// shipped is how a Deployment runs its program.
type shipped struct {
	namespace      string
	serviceAccount string
	replicas       int
	args           []string
	env            []string // As NAME=value.
}

// readShipped renders a kustomize folder and returns how its Deployments run their programs, by name.
func readShipped(ctx context.Context, cluster *localcluster.Cluster, folder string) (map[string]shipped, error) {
	rendered, err := cluster.Kubectl(ctx, nil, "kustomize", folder)
	if err != nil {
		return nil, fmt.Errorf("rendering the manifests: %w", err)
	}
	deployments, err := decodeDeployments(strings.NewReader(rendered))
	if err != nil {
		return nil, fmt.Errorf("decoding the manifests: %w", err)
	}
	all := make(map[string]shipped, len(deployments))
	for i := range deployments {
		one, err := newShipped(&deployments[i])
		if err != nil {
			return nil, fmt.Errorf("reading deployment %s: %w", deployments[i].Name, err)
		}
		all[deployments[i].Name] = one
	}
	return all, nil
}

func decodeDeployments(manifests io.Reader) ([]appsv1.Deployment, error) {
	var deployments []appsv1.Deployment
	documents := yaml.NewYAMLOrJSONDecoder(manifests, 4096)
	for {
		var object runtime.RawExtension
		if err := documents.Decode(&object); errors.Is(err, io.EOF) {
			return deployments, nil
		} else if err != nil {
			return nil, err
		}
		var kind metav1.TypeMeta
		if err := json.Unmarshal(object.Raw, &kind); err != nil {
			return nil, err
		}
		if kind.Kind != "Deployment" {
			continue
		}
		var deployment appsv1.Deployment
		if err := json.Unmarshal(object.Raw, &deployment); err != nil {
			return nil, err
		}
		deployments = append(deployments, deployment)
	}
}

func newShipped(deployment *appsv1.Deployment) (shipped, error) {
	pod := deployment.Spec.Template.Spec
	if len(pod.Containers) != 1 {
		return shipped{}, fmt.Errorf("it has %d containers, want one", len(pod.Containers))
	}
	s := shipped{namespace: deployment.Namespace, serviceAccount: pod.ServiceAccountName, replicas: 1}
	if deployment.Spec.Replicas != nil {
		s.replicas = int(*deployment.Spec.Replicas)
	}
	var references []string // Pairs of a reference and its value.
	for _, variable := range pod.Containers[0].Env {
		value, err := resolve(variable, deployment.Namespace)
		if err != nil {
			return shipped{}, err
		}
		s.env = append(s.env, variable.Name+"="+value)
		references = append(references, "$("+variable.Name+")", value)
	}
	expand := strings.NewReplacer(references...)
	for _, arg := range pod.Containers[0].Args {
		s.args = append(s.args, expand.Replace(arg))
	}
	return s, nil
}

// resolve does for an environment variable what kubelet does.
func resolve(variable corev1.EnvVar, namespace string) (string, error) {
	switch from := variable.ValueFrom; {
	case from == nil:
		return variable.Value, nil
	case from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.namespace":
		return namespace, nil
	default:
		return "", fmt.Errorf("environment variable %s has a source that is not known here", variable.Name)
	}
}
