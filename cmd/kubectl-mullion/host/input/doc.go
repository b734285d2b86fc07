// Package input is the part of the command line that says what a host shall be: a state of a host as it is, or a
// WindowsNodeConfig with what a cluster would tell, and where the content of files comes from.
package input
