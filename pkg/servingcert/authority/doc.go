// Package authority is the small certificate authority behind the serving certificates: what it consists
// of, how it is kept in a Secret, and when it is to be renewed.
//
// Nothing here talks to a cluster or reads a clock. [Decode] and [State.WriteTo] are the Secret's format,
// [Issuer.Plan] is the life of an authority as a pure function of its state, the time and who is trusted.
// Why a new CA is staged before it signs is told in the servingcert package.
package authority
