// Package scriptedhosts has Windows hosts in the process of a test, as many and as broken as it wants them. A host is one in
// memory with the real agent behind an SSH server, and runs a hollow kubelet: what the agent has put on its disk and has
// started as the service kubelet joins a real control plane by its own certificate signing requests, keeps a Node, and ends
// when the service does.
//
// Programs are not executed. So this is not the place to test what they do with what they are given: hosts under Wine are,
// in test/winhost. Here are hundreds of hosts, and faults at a moment of one's choice.
package scriptedhosts
