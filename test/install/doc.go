// Package install installs Mullion into a local cluster for tests and the demonstration, from the very
// manifests that users apply, and runs the very programs as processes of this machine:
//
//	installation, err := install.Install(ctx, cluster, install.Options{})
//	defer installation.Stop()
//
// # What is as shipped
//
// CRDs, service accounts, RBAC and webhook configurations are applied by kubectl from manifests/. Each program
// runs with the arguments and environment of its Deployment, in as many replicas, under a token of its
// service account: a right that RBAC lacks is missing here too.
//
// # What is different
//
// There is no kubelet and no pod network. Deployments, and what is about their pods, are left out by the
// component manifests/components/out-of-cluster; programs listen on ports of 127.0.0.1 that are given to them
// instead of those of the Deployment; the webhook's Service leads there, and the webhook configurations name
// its port. With several replicas of the webhook a balancer stands in for the Service: like one, it leads
// connections only to replicas that are ready. The preStop hook is not run.
package install
