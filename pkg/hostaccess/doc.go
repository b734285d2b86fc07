// Package hostaccess finds out how a WindowsHost is logged in to, and on which grounds it is believed to be the right one.
//
// # Keys
//
// The private keys are the entries of a Secret whose names end in .pem. They are tried in this order: private-key-next.pem,
// private-key.pem, every other one by name, and last those whose names end in .retiring.pem. A Secret with one entry that
// is no usable key is refused as a whole: whoever has pasted it is looking for what is wrong with it.
//
// A key is rotated by one edit: the new one becomes private-key.pem, the old one NAME.retiring.pem. Every host is then
// logged in to with whichever it takes, and [Keys.AuthorizedKeys] says which of them it shall accept from now on: all but
// the retiring ones, and that one retiring key by which it was logged in to last. So a host learns the new key by the old
// one, and forgets the old one when the new one has worked. One that was out of reach does so when it is back. The retired
// key may leave the Secret when no host's status.login shows it any more.
//
// # Host keys
//
// Grounds are what the WindowsHost gives. For trust on first use the key is recorded in status.hostKey before anything
// is sent over the connection, with the resource version of the object that had none: of two processes that see a host
// first, one records what it saw, and the other compares.
package hostaccess
