// Package hostkey decides whether to believe that a host is who it should be.
//
// A [Policy] has up to three grounds: fingerprints that an administrator gave, authorities that sign host certificates,
// and, only if somebody opted in, whatever key the host showed first. A policy with none of them believes nobody, and
// its error tells which key the host has, so that the fingerprint can be compared and given.
//
// # Which of its keys a host is asked for
//
// A host has several keys, one for each type, and proves one of them in a handshake: the first type on the client's
// list that it has. So the list decides, and a client that asks for any type can be shown a key that is genuine, yet is
// not the one pinned. A [Check] therefore asks only for the types of its pins. A fingerprint alone does not tell its
// type; with such pins, a key of the wrong fingerprint leads to another handshake that asks for the remaining types,
// until one key matches or the host has no more. Nothing is sent to the host in between, not even a user name.
//
// A host that has no key of a pinned type is asked once more, for any type. That handshake never succeeds. It only lets
// the error name the key that the host has now beside the one it should have.
package hostkey
