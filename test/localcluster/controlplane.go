package localcluster

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/mullion-dev/mullion/test/process"
)

// serviceRange is the addresses of Services. Nothing routes them: there is no kube-proxy.
const serviceRange = "10.0.0.0/24"

// controlPlane describes the processes of a cluster: what they are called with, and how they are asked
// whether they are ready.
type controlPlane struct {
	executable string
	dir        *dataDir
	ports      *ports
	processes  *process.Group
	client     *http.Client // Trusts the cluster's authority and is its administrator.
	options    Options
}

func (p *controlPlane) component(name, readyURL string, args []string) *Component {
	return &Component{
		name: name,
		process: p.processes.New(process.Command{
			Path: p.executable,
			Args: append([]string{name}, args...),
			Log:  p.dir.join(name + ".log"),
		}),
		ready: func(ctx context.Context) error { return p.probe(ctx, readyURL) },
	}
}

// probe fails unless the URL answers 200.
func (p *controlPlane) probe(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second) // Of one answer: a new attempt follows.
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("probing %s: %w", url, err)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return err // Names the URL already.
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1000)) // Only for the error below.
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("probing %s: %s: %s", url, res.Status, body)
	}
	return nil
}

func (p *controlPlane) etcd() *Component {
	client := "http://" + p.ports.etcdClient.Address()
	return p.component("etcd", client+"/health", []string{
		"--data-dir=" + p.dir.join("etcd"),
		"--listen-client-url=" + client,
		"--listen-peer-url=http://" + p.ports.etcdPeer.Address(),
	})
}

func (p *controlPlane) apiServer() *Component {
	args := []string{
		"--etcd-servers=http://" + p.ports.etcdClient.Address(),
		"--bind-address=127.0.0.1",
		"--secure-port=" + flag(p.ports.apiServer),
		"--tls-cert-file=" + p.certificate(servingName),
		"--tls-private-key-file=" + p.key(servingName),
		// At the default, 0, a stop waits until clients end their watches, which they never do.
		"--shutdown-watch-termination-grace-period=1s",

		// The address that the "kubernetes" Service would lead pods to. There is no pod network, and a loopback
		// address is refused; this one is reserved for documentation (RFC 5737).
		"--advertise-address=192.0.2.1",
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=" + serviceRange,

		"--client-ca-file=" + p.certificate(clusterAuthorityName),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + p.certificate(serviceAccountName),
		"--service-account-signing-key-file=" + p.key(serviceAccountName),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged",            // As every installer sets it.
		"--enable-bootstrap-token-auth", // As kubeadm sets it.

		// The aggregation layer.
		"--requestheader-client-ca-file=" + p.certificate(frontProxyAuthorityName),
		"--requestheader-allowed-names=" + frontProxyClientName,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + p.certificate(frontProxyClientName),
		"--proxy-client-key-file=" + p.key(frontProxyClientName),
	}
	if p.options.Audit {
		args = append(args, auditArgs(p.dir)...)
	}
	return p.component("kube-apiserver", "https://"+p.ports.apiServer.Address()+"/readyz", append(args, p.options.APIServerArgs...))
}

func (p *controlPlane) controllerManager() *Component {
	args := []string{
		"--kubeconfig=" + p.kubeconfig(controllerManagerName),
		"--leader-elect=false",
		"--bind-address=127.0.0.1",
		"--secure-port=" + flag(p.ports.controllerManager),
		"--tls-cert-file=" + p.certificate(servingName),
		"--tls-private-key-file=" + p.key(servingName),
		"--use-service-account-credentials",
		"--service-account-private-key-file=" + p.key(serviceAccountName),
		"--root-ca-file=" + p.certificate(clusterAuthorityName),
		"--cluster-signing-cert-file=" + p.certificate(clusterAuthorityName),
		"--cluster-signing-key-file=" + p.key(clusterAuthorityName),
		"--service-cluster-ip-range=" + serviceRange,
		// At the default of 20 requests a second the controllers take four seconds to get their identities.
		"--kube-api-qps=1000",
		"--kube-api-burst=1000",
	}
	if grace := p.options.NodeGracePeriod; grace > 0 {
		args = append(args,
			"--node-monitor-grace-period="+grace.String(),
			"--node-monitor-period="+min(5*time.Second, grace/4).String()) // 5 s is the default.
	}
	return p.component("kube-controller-manager", "https://"+p.ports.controllerManager.Address()+"/healthz",
		append(args, p.options.ControllerManagerArgs...))
}

func (p *controlPlane) scheduler() *Component {
	args := []string{
		"--kubeconfig=" + p.kubeconfig(schedulerName),
		"--leader-elect=false",
		"--bind-address=127.0.0.1",
		"--secure-port=" + flag(p.ports.scheduler),
		"--tls-cert-file=" + p.certificate(servingName),
		"--tls-private-key-file=" + p.key(servingName),
	}
	return p.component("kube-scheduler", "https://"+p.ports.scheduler.Address()+"/healthz",
		append(args, p.options.SchedulerArgs...))
}

func (p *controlPlane) certificate(name string) string { return p.dir.join(name + ".crt") }

func (p *controlPlane) key(name string) string { return p.dir.join(name + ".key") }

func (p *controlPlane) kubeconfig(user string) string { return kubeconfigPath(p.dir, user) }
