// Package image tells which platforms are behind an image reference, fast enough for an admission webhook.
//
// Package registry asks a registry one question; this package makes that affordable and safe to do for every
// pod. The answer to [Resolver.Resolve] comes from the first of these that has it:
//
//  1. A view: the answer itself, kept under the reference as it was spelled and the fingerprint of the pod's
//     whole keyring. Nothing is parsed. There are few views, for the images that pods are made of right now.
//  2. The cache: facts in compact form, kept under a hash of the canonical reference and of the fingerprint of
//     the credentials that match it. What was learnt with one set of credentials is never told to a caller who
//     does not hold the same set.
//  3. A look-up, of which there is one at a time for each such key. It belongs to the resolver and not to the
//     caller, who waits for it no longer than the budget. A look-up that takes longer goes on and fills the
//     cache, so that the next attempt finds the answer.
//
// An answer that has expired is still given, while a look-up renews it. If the registry cannot be asked, the
// old answer stands for a while longer, marked stale. If the registry does answer — there is no such image,
// these credentials are refused — then that is the new answer.
//
// Problems are kept too, for seconds, apart from the facts that they could otherwise crowd out. A registry that fails
// again and again, or that asks to be left alone, is not asked for a while.
package image
