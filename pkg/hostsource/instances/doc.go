// Package instances reads the ConfigMap windows-instances, in which administrators list the hosts that they bring: the
// format of the Windows Machine Config Operator, so that a list that it works from can be kept.
//
//	data:
//	  10.1.42.1: |-
//	    username=Administrator
//	  win-2.example.com: |-
//	    username=core
//
// A key is an IPv4 address or a DNS name. An entry that cannot be used is a problem of that entry: the others are read
// all the same, because one mistyped name must not keep a fleet from being looked after.
package instances
