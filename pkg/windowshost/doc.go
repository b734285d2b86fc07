// Package windowshost makes of each WindowsHost a node as its policy wants it, keeps it so, and gives it back.
//
// [Reconciler] looks at one host at a time. A pass is a list of steps, see lifecycle.go, each a small type with one
// method and the one or two collaborators that it needs. A step goes by what the ones before have found, and either lets
// the pass go on or ends it: with a phase, a sentence, and when to look again, or with an error. At the end the status is
// patched once, if it has changed.
//
// # What survives a crash
//
// Nothing is remembered but in the status, on the node and on the host. Every step begins with what is true by now, so
// the next pass goes on, in whatever process. Four things are written before their time, for a crash between them and
// what follows must not lose them:
//
//   - the finalizer, before anything is done to the host: who deletes the object in between would leave it behind;
//   - status.disruption, before anybody is disrupted: others count it;
//   - status.node with the bootstrap user, before the host has its token: the certificate request that follows is
//     judged by it;
//   - status.reboots, before the restart that it counts: else a host could be restarted without end.
//
// A change whose outcome was not seen is looked at, never assumed: the plan is empty, or it is done again.
//
// # One host does not wait for another
//
// Nothing here waits. What takes time is looked at again: a drain every few seconds, a node that is to register every
// ten. What is asked of a host has a deadline, and only the copying of programs may take long. A host that fails is left
// in peace for longer and longer, up to two minutes; it costs a worker only while it is looked at, and is looked at only
// when no other host waits for a worker.
package windowshost
