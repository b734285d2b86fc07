// Package containerd renders the configuration of containerd on Windows: its own file, and the hosts.toml of each
// registry that has mirrors.
package containerd
