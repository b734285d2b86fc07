package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/nodebundle"
	"github.com/mullion-dev/mullion/test/winhost"
)

// hostNamespace is where the WindowsHosts are.
const hostNamespace = "windows-hosts"

// joinTime is how long it may take until all hosts are nodes: they restart once, and run a real containerd each.
const joinTime = 10 * time.Minute

// progress is where a step tells how far it is.
type progress = io.Writer

// prepareHosts sees to what Windows hosts are made from. A machine that can have none is no error: the story is then told
// with nodes that are only objects.
func (s *stage) prepareHosts(ctx context.Context, detail progress) (string, error) {
	_, err := winhost.Setup(ctx, winhost.SetupOptions{Root: s.root, Install: true, Log: detail})
	if errors.As(err, &s.unavailable) {
		return "Windows hosts cannot be had here, so that nodes are only objects, and hosts are neither joined nor upgraded: " +
			s.unavailable.Error(), nil
	}
	return "Windows hosts can be had", err
}

// hasHosts tells whether this machine can have Windows hosts.
func (s *stage) hasHosts() bool { return s.unavailable == nil }

// offerNodes pushes the programs of a node to the registry, and says which hosts are given them.
func (s *stage) offerNodes(ctx context.Context) (string, error) {
	if !s.hasHosts() {
		return "There are no hosts to be given programs", nil
	}
	bundle, err := nodebundle.Push(ctx, s.registry.Host()+"/windows/node", nodebundle.Options{Root: s.root})
	if err != nil {
		return "", err
	}
	for _, m := range fleet() {
		config := nodebundle.Config(m.name, bundle, "")
		config.Spec.Taints = m.taints
		if err := s.kinds.Create(ctx, config); err != nil {
			return "", fmt.Errorf("making WindowsNodeConfig %s: %w", m.name, err)
		}
	}
	return "The registry has a bundle of a node's programs, the real containerd among them", nil
}

// joinHosts starts bare Windows hosts and hands them to the node manager, all at once.
func (s *stage) joinHosts(ctx context.Context, detail progress) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	began := time.Now()
	if err := s.kinds.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: hostNamespace}}); err != nil {
		return "", fmt.Errorf("making namespace %s: %w", hostNamespace, err)
	}
	s.hosts = make([]*winhost.Host, len(fleet()))
	joining, starting := errgroup.WithContext(ctx)
	for i, m := range fleet() {
		joining.Go(func() (err error) {
			if s.hosts[i], err = winhost.Start(starting, winhost.Options{Build: m.build, Hostname: m.name, Root: s.root}); err != nil {
				return err
			}
			return s.handOver(starting, s.hosts[i])
		})
	}
	if err := joining.Wait(); err != nil {
		return "", err
	}
	if err := s.followHosts(ctx, detail); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d bare Windows hosts became nodes in %s: containerd and kubelet installed, restarted once, certificates of their own",
		len(s.hosts), time.Since(began).Round(time.Second)), nil
}

// handOver writes the WindowsHost of a host, as an administrator would.
func (s *stage) handOver(ctx context.Context, h *winhost.Host) error {
	address, text, err := net.SplitHostPort(h.Address())
	if err != nil {
		return fmt.Errorf("reading the address of %s: %w", h.Hostname(), err)
	}
	port, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return fmt.Errorf("reading the address of %s: %w", h.Hostname(), err)
	}
	for _, object := range []client.Object{
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: hostNamespace, Name: h.Hostname()},
			Data:       map[string][]byte{"private-key.pem": h.KeyFile()},
		},
		&v1alpha1.WindowsHost{
			ObjectMeta: metav1.ObjectMeta{Namespace: hostNamespace, Name: h.Hostname()},
			Spec: v1alpha1.WindowsHostSpec{
				Address: address, Port: int32(port), User: h.User(),
				KeySecret: &v1alpha1.SecretReference{Name: h.Hostname()},
				HostKeys:  v1alpha1.HostKeyTrust{Fingerprints: []string{h.HostKeyFingerprint()}},
			},
		},
	} {
		if err := s.kinds.Create(ctx, object); err != nil {
			return fmt.Errorf("handing over %s: %w", h.Hostname(), err)
		}
	}
	return nil
}

// followHosts tells what becomes of the hosts until all are Ready.
func (s *stage) followHosts(ctx context.Context, detail progress) error {
	said := map[string]v1alpha1.HostPhase{}
	return s.until(ctx, "all hosts are nodes", func(ctx context.Context) (bool, error) {
		var hosts v1alpha1.WindowsHostList
		if err := s.kinds.List(ctx, &hosts, client.InNamespace(hostNamespace)); err != nil {
			return false, err
		}
		ready := 0
		for i := range hosts.Items {
			host := &hosts.Items[i]
			if phase := host.Status.Phase; phase != said[host.Name] {
				said[host.Name] = phase
				_, _ = fmt.Fprintf(detail, "%s: %s\n", host.Name, phase)
			}
			if host.Status.Phase == v1alpha1.HostReady {
				ready++
			}
		}
		return ready == len(fleet()), nil
	})
}

// host is the WindowsHost of a name.
func (s *stage) host(ctx context.Context, name string) (*v1alpha1.WindowsHost, error) {
	var host v1alpha1.WindowsHost
	if err := s.kinds.Get(ctx, client.ObjectKey{Namespace: hostNamespace, Name: name}, &host); err != nil {
		return nil, fmt.Errorf("reading WindowsHost %s: %w", name, err)
	}
	return &host, nil
}
