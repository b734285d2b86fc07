// Package winhost runs Windows hosts on this machine for tests and demonstrations: real programs for Windows, among
// them the project's own, with a service control manager, a registry, files and an SSH server, under Wine. A host
// boots, reboots, loses power, network, disk space or its host key whenever a test wants it to, and several hosts of
// different builds run side by side.
//
//	host, err := winhost.Start(ctx, winhost.Options{Build: "10.0.20348"})
//	defer host.Close()
//	client, err := ssh.Dial("tcp", host.Address(), …)
//
// What is faithful to Windows and what is not stands in README.md: read it before a test relies on either.
//
// Setup makes what hosts are made from, once, which takes a minute or so; it is kept in the repository's .cache.
// It needs root, for namespaces and a chroot, and Debian packages. Where that cannot be had, Setup and Start return
// an UnavailableError, and tests skip.
//
// # What ends it
//
// A host is a process namespace below a process that holds its mounts. Close kills both, and the kernel with them
// everything that runs on the host. So does the death of the process that called Start, whatever the cause, since
// both read from a pipe that ends then; all that stays is a folder in the directory for temporary files.
package winhost
