// Package localcluster runs a Kubernetes control plane on this machine for tests and demonstrations: etcd,
// kube-apiserver, kube-controller-manager and kube-scheduler, each a process of its own that can be stopped,
// killed and restarted. Nothing in it is a fake, except the nodes (see package hollow). Linux only.
//
//	cluster, err := localcluster.Start(ctx, localcluster.Options{})
//	defer cluster.Stop()
//	client, err := kubernetes.NewForConfig(cluster.RESTConfig())
//
// The control plane is built from the module in test/cluster on first use, which takes minutes, and found in
// the repository's .cache afterwards. A command that limits its time, as `go test` does, should be preceded
// by Build.
//
// # What is as in production
//
// The RBAC and Node authorizers, NodeRestriction, real service-account tokens, the aggregation layer with its
// front-proxy certificate, CSR signing, and every controller under its own service account.
//
// # Webhooks and aggregated APIs
//
// There is no pod network, so a webhook runs as a process of this machine. A clientConfig.url on loopback
// reaches it. So does clientConfig.service, which shipped manifests use, once RouteServiceToLoopback has
// turned the Service into one of type ExternalName for "localhost": kube-apiserver's default resolver then
// dials localhost at the port of clientConfig.service.port, which must be the port the process listens on
// (the Service's own ports do not count), and still expects a certificate for <service>.<namespace>.svc.
// An APIService's spec.service is resolved alike. Endpoints are no alternative: their addresses may not be
// loopback ones.
//
// # What ends it
//
// Stop ends everything and removes the data. When the process that called Start dies, however it dies, the
// kernel kills the components; its data directory is removed by the next Start.
package localcluster
