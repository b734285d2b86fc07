// Package nodes does for a Node what a kubelet does: it registers it, reports its status, and renews its lease. What is
// behind the Node is its user's: hosts in memory, and hosts under Wine.
package nodes
