package scriptedhosts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/test/localcluster/hollow/nodes"
	"github.com/mullion-dev/mullion/test/localcluster/hollow/pods"
)

// kubelet is one run of a host's kubelet.
type kubelet struct {
	host *Host

	// What the command line says.
	config, bootstrap, kubeconfig, certificates winpath.Path
	name                                        string
	address                                     netip.Addr
	labels                                      map[string]string

	// version is that of the program, and configuration what its file says.
	version       string
	configuration kubeletv1beta1.KubeletConfiguration
}

// runKubelet is the kubelet until the context ends.
func (h *Host) runKubelet(ctx context.Context, commandLine string) error {
	if h.ailment() == Unregistered {
		<-ctx.Done()
		return nil
	}
	k := &kubelet{host: h}
	if err := k.read(commandLine); err != nil {
		return err
	}
	identity, err := k.identity(ctx)
	if err != nil {
		return err
	}
	defer identity.close()
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.Go(func() error { return k.serve(ctx, identity.client) })
	tasks.Go(func() error {
		nodes.Keeper{
			Client: identity.client, Node: k.node(ctx), LeaseSeconds: k.configuration.NodeLeaseDurationSeconds,
			Every: h.fleet.options.Heartbeat, Ready: k.isReady, Trouble: h.note,
		}.Keep(ctx)
		return nil
	})
	tasks.Go(func() error {
		node := pods.Node{Name: k.name, OS: corev1.Windows, Address: k.address.String()}
		pods.Keeper{Client: identity.client, Run: true}.Keep(ctx, node, h.note)
		return nil
	})
	return tasks.Wait()
}

// read is what a kubelet reads before it does anything.
func (k *kubelet) read(commandLine string) error {
	program, arguments, err := kubeletOf(commandLine)
	if err != nil {
		return err
	}
	var config, bootstrap, kubeconfig, certificates, address string
	flags := pflag.NewFlagSet(serviceName, pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.SetOutput(io.Discard)
	for flag, value := range map[string]*string{
		"config": &config, "bootstrap-kubeconfig": &bootstrap, "kubeconfig": &kubeconfig, "cert-dir": &certificates,
		"hostname-override": &k.name, "node-ip": &address,
	} {
		flags.StringVar(value, flag, "", "")
	}
	flags.StringToStringVar(&k.labels, "node-labels", nil, "")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("reading the kubelet's command line: %w", err)
	}
	k.config, k.bootstrap, k.kubeconfig, k.certificates = winpath.Path(config), winpath.Path(bootstrap), winpath.Path(kubeconfig), winpath.Path(certificates)
	if k.address, err = netip.ParseAddr(address); err != nil {
		return fmt.Errorf("reading --node-ip: %w", err)
	}
	text, err := k.file(program.Parent().Join(versionFile))
	if err != nil {
		return err
	}
	k.version = strings.TrimSpace(text)
	if text, err = k.file(k.config); err != nil {
		return err
	}
	k.configuration.NodeLeaseDurationSeconds = 40 // As the kubelet has it where the file says nothing.
	if err := yaml.UnmarshalStrict([]byte(text), &k.configuration); err != nil {
		return fmt.Errorf("reading %s: %w", k.config, err)
	}
	return nil
}

// file reads a file of the host.
func (k *kubelet) file(path winpath.Path) (string, error) {
	text, there := k.host.Machine.ReadFile(path)
	if !there {
		return "", fmt.Errorf("reading %s: there is no such file", path)
	}
	return text, nil
}

// kubeletOf finds the kubelet in a command line, in which another program may come first that logs what it says. No path
// of ours has a space in it, so nothing is quoted but the program.
func kubeletOf(commandLine string) (program winpath.Path, arguments []string, err error) {
	words := strings.Fields(commandLine)
	for i, word := range words {
		path := winpath.Path(strings.Trim(word, `"`))
		if strings.HasSuffix(strings.ToLower(path.String()), `\kubelet.exe`) {
			return path, words[i+1:], nil
		}
	}
	return "", nil, errors.New("the service's command line has no kubelet.exe in it")
}

// serve asks for the serving certificate, unless there is one, and keeps it. Nobody connects.
func (k *kubelet) serve(ctx context.Context, client kubernetes.Interface) error {
	path := k.certificates.Join(servingFile)
	if _, there := k.host.Machine.ReadFile(path); there || !k.configuration.ServerTLSBootstrap {
		return nil
	}
	pair, err := k.requestServing(ctx, client)
	if err != nil {
		return err
	}
	k.host.Machine.WriteFile(path, pair)
	return nil
}
