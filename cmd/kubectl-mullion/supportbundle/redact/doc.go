// Package redact takes out of texts and objects what looks like a secret: private keys, tokens, passwords. It knows no
// secrets, only what they look like and how fields are called that hold them, and takes out too much rather than too
// little: a name that stands where a password could be is lost as well.
package redact

// Mark stands in the place of what was taken out.
const Mark = "[redacted]"
