package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/test/localcluster/hollow/nodes"
	"github.com/mullion-dev/mullion/test/localcluster/hollow/pods"
)

// hostAddress is the variable in which a test host says what its address is: all hosts share one network, so nobody may
// listen on every address.
const hostAddress = "WINHOST_ADDRESS"

// options are the flags that mean something here. They are the kubelet's.
type options struct {
	config, bootstrapKubeconfig, kubeconfig, certDir string
	nodeName, nodeIP                                 string
	labels                                           map[string]string
	windowsService                                   bool
}

func (o *options) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&o.config, "config", "", "file with a KubeletConfiguration")
	flags.StringVar(&o.bootstrapKubeconfig, "bootstrap-kubeconfig", "", "kubeconfig for the first certificate")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig to use afterwards, which is written")
	flags.StringVar(&o.certDir, "cert-dir", "", "folder of the certificates")
	flags.StringVar(&o.nodeName, "hostname-override", "", "name of the Node")
	flags.StringVar(&o.nodeIP, "node-ip", "", "address of the Node")
	flags.StringToStringVar(&o.labels, "node-labels", nil, "labels of the Node")
	flags.BoolVar(&o.windowsService, "windows-service", false, "run as a Windows service")
}

// complete fills in what was not given.
func (o *options) complete() (err error) {
	if o.nodeName == "" {
		if o.nodeName, err = os.Hostname(); err != nil {
			return fmt.Errorf("asking for the computer's name: %w", err)
		}
	}
	o.nodeName = strings.ToLower(o.nodeName) // Windows' names are often upper case, a Node's never.
	if o.nodeIP == "" {
		o.nodeIP = os.Getenv(hostAddress)
	}
	if net.ParseIP(o.nodeIP) == nil {
		return fmt.Errorf("the node's address %q, of --node-ip or the variable %s, is none", o.nodeIP, hostAddress)
	}
	return nil
}

// run is the kubelet until the context ends. It calls ready when the service may be said to run, which is before there
// is a certificate.
func (o *options) run(ctx context.Context, ready func()) error {
	if err := o.complete(); err != nil {
		return err
	}
	configuration, err := readConfiguration(o.config)
	if err != nil {
		return err
	}
	facts, err := readFacts()
	if err != nil {
		return fmt.Errorf("reading what this computer is: %w", err)
	}
	if facts.version, err = kubeletVersion(); err != nil {
		return err
	}
	klog.InfoS("The hollow kubelet starts", "node", o.nodeName, "address", o.nodeIP, "kernel", facts.kernelVersion)
	ready()

	config, err := o.bootstrap(ctx)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	serving, err := o.servingCertificate(client, configuration.ServerTLSBootstrap)
	if err != nil {
		return err
	}
	trouble := func(err error) { klog.ErrorS(err, "It is tried again") }
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.Go(func() error {
		nodes.Keeper{
			Client: client, Node: o.node(facts, configuration), LeaseSeconds: configuration.NodeLeaseDurationSeconds,
			Ready: func() bool { return true }, Trouble: trouble,
		}.Keep(ctx)
		return context.Cause(ctx)
	})
	tasks.Go(func() error {
		node := pods.Node{Name: o.nodeName, OS: corev1.Windows, Address: o.nodeIP}
		pods.Keeper{Client: client, Run: true}.Keep(ctx, node, trouble)
		return context.Cause(ctx)
	})
	tasks.Go(func() error {
		return serve(ctx, net.JoinHostPort(o.nodeIP, strconv.Itoa(int(configuration.Port))), serving)
	})
	return tasks.Wait()
}

// readConfiguration reads the file as strictly as the kubelet does, with its defaults for what matters here.
func readConfiguration(path string) (*kubeletv1beta1.KubeletConfiguration, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	configuration := &kubeletv1beta1.KubeletConfiguration{Port: 10250, NodeLeaseDurationSeconds: 40}
	if err := yaml.UnmarshalStrict(content, configuration); err != nil {
		return nil, fmt.Errorf("reading the configuration %s: %w", path, err)
	}
	want := kubeletv1beta1.SchemeGroupVersion.String()
	if configuration.APIVersion != want || configuration.Kind != "KubeletConfiguration" {
		return nil, fmt.Errorf("reading the configuration %s: it is a %s of %s", path, configuration.Kind, configuration.APIVersion)
	}
	return configuration, nil
}
