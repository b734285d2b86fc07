// Package hosts wires what the node manager does with Windows hosts: the reconciler of WindowsHosts with all that it
// needs, the sources of hosts, the approval of kubelets' certificates, and what follows the nodes.
package hosts
