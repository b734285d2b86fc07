// Package ssh reaches hosts: it runs programs on them, copies files to them and restarts them.
//
// [Pool] is the way in. It has one connection for each target, shared by everybody, and bounds how much goes on at once.
// What is to be done with a host is done in [Pool.Do], with a [Conn].
//
// # What holds for all of it
//
//   - Nothing waits for ever. Every connection, command and transfer has a deadline of its own besides that of its
//     context, and a connection on which nothing arrives any more is given up within Options.DeadPeer.
//   - Nothing is left behind. No goroutine outlives the call that started it, or the connection it serves.
//   - A host is who it should be, on every connection: see package hostkey.
//   - A program's name and arguments mean the same to every shell: see [Command]. Everything else goes over its stdin.
//   - A file is there whole, verified, or as it was before: see [Upload].
//   - Errors have types, so that nobody looks into their text: [UnreachableError], [AuthenticationError],
//     [TimeoutError], [DisconnectedError], [CommandError], [CorruptedError], and those of package hostkey.
//
// Only SSH itself and SFTP are used, as the server of OpenSSH has them on Windows and elsewhere. Why things are as they
// are is in docs/design/ssh.md.
package ssh
