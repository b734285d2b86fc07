// Package cni renders the CNI configuration of networks that do not bring their own to a Windows host.
//
// Policies of endpoints are those of Windows' Host Compute Network (HCN), version 2, which is the one that
// containerd's network namespaces are of; their settings are those of
// https://github.com/microsoft/hcsshim/blob/main/hcn/hcnpolicy.go.
package cni
