// Package host is the subcommand that makes a Windows host what it shall be, from this machine and without a cluster.
package host
