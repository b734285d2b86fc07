// Package cabundle keeps the caBundle of webhook configurations and APIServices as the serving authority
// needs it.
//
// [Reconciler] writes: it brings every CA of the authority's Secret into the caBundle of every target and
// keeps the ones that were there before until the Secret says that nobody serves with them any more. It
// writes nothing but caBundle, as the server-side apply manager [FieldOwner], so that tools which apply the
// rest of the object do not undo it.
//
// [View] reads the same targets for the replicas, which wait for their CA to arrive: it implements
// servingcert.TrustView. The protocol between the two is described in package servingcert.
package cabundle
