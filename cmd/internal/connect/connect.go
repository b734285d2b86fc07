// Package connect is how this project's programs connect to a cluster.
package connect

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/version"
)

// Limits bound what a fault of a program can cost the API server.
type Limits struct {
	// PerSecond is the number of requests that a program may make in a second, and Burst how many at once.
	PerSecond float32
	Burst     int
}

// Config reads how to reach the cluster from a kubeconfig file or, where its path is empty, from the pod that the
// program runs in. The program's name is what the API server sees of it.
func Config(kubeconfig, program string, limits Limits) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading how to reach the cluster: %w", err)
	}
	config.UserAgent = version.Get().UserAgent(program)
	config.QPS = limits.PerSecond
	config.Burst = limits.Burst
	return config, nil
}

// Scheme knows the types of Kubernetes and of this project.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("registering API types: %w", err)
		}
	}
	return scheme, nil
}
