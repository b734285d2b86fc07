// Package cabundle keeps the caBundle of webhook configurations and APIServices as the serving authority
// needs it.
//
// [Reconciler] writes: it brings every CA of the authority's Secret into the caBundle of every target and
// keeps the ones that were there before until the Secret says that nobody serves with them any more. It
// patches caBundle and nothing else, as the field manager [FieldOwner].
//
// [View] reads the same targets for the replicas, which wait for their CA to arrive: it implements
// servingcert.TrustView. The protocol between the two is described in package servingcert.
package cabundle
