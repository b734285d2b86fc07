// Package userdata makes the user data by which new Windows machines let the node manager in: OpenSSH's server, keys in
// place of passwords, and nothing else. What a node needs beyond that is brought over SSH.
//
// [Script] is pure. The script that it makes is the one piece of PowerShell in this project, and a file: script.ps1.tmpl.
// All that is put into it are public keys, each written anew from what was read of it, in characters that mean nothing
// within PowerShell's single quotes; what cannot be written so is refused. Platforms differ in how a script is to be
// wrapped, which is a table.
//
// The script may run at any start of a machine. It takes the keys once: a key that was retired on the host must not come
// back with the next start.
//
// [Reconciler] keeps the Secret that machine sets name in step with the private keys.
package userdata
