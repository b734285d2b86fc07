// Package instances makes a WindowsHost of each entry of the ConfigMap windows-instances, in which administrators list the
// hosts that they bring: the format of the Windows Machine Config Operator, so that a list that it works from can be kept.
//
//	data:
//	  10.1.42.1: |-
//	    username=Administrator
//	  win-2.example.com: |-
//	    username=core
//
// A key is an IPv4 address or a DNS name, and as such the name of the WindowsHost. An entry that cannot be used is a
// problem of that entry: the others are read all the same, because one mistyped name must not keep a fleet from being
// looked after. [Parse] reads the list, planFor says what follows from it, and the [Reconciler] carries that out.
//
// # What is removed, and when
//
// An entry that is gone is a request to give its host back. An entry that is there and cannot be used keeps its host as
// it is. A list that is gone, or has no entry any more though it was the list of several hosts, is held to be an accident
// (a namespace deleted, a template without its values), and its hosts stay, unless the list has, or had, the annotation
// mullion.dev/confirm-removal. While a list has it, so have the WindowsHosts that it is the list of; so the confirmation
// is known when the list is not there any more to ask, and nothing has to hold up its deletion.
//
// # Which host is believed
//
// The format says nothing about the keys of hosts. An administrator may give them beside the list, in a ConfigMap of the
// list's name and -known-hosts, as ssh-keyscan writes them; see [ParseKnownHosts]. The annotation
// mullion.dev/trust-on-first-use, with the value "true", on the list believes what the remaining hosts show first. Without
// either, or fingerprints in the WindowsHost itself, nothing is done with a host but to tell which key it has.
package instances
