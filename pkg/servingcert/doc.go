// Package servingcert gives a TLS server its certificate and keeps it good for as long as the process runs.
//
// [Source] issues from a built-in authority that all replicas share through one Secret. [Files] reloads
// files that somebody else keeps, such as cert-manager. Both have the same three methods: Start,
// GetCertificate for a tls.Config, Ready for a readiness probe.
//
// # Who is involved
//
// The Secret holds the CA. Each replica signs a leaf for itself, whose key never leaves the process. An
// injector (package cabundle, one in the cluster) copies the Secret's ca.crt into the caBundle of the
// targets: webhook configurations, an APIService. The API server trusts a replica exactly if the CA of the
// replica's leaf is in that caBundle.
//
// # The rule
//
// A CA becomes trusted before it is used and stops being used before it stops being trusted. Three
// decisions keep it, each taken by whoever can see what it depends on, with nothing to acknowledge:
//
//   - Renewing. At two thirds of the CA's life a replica puts a second CA into the Secret beside the first;
//     it is injected but signs nothing. A replica that sees it in every caBundle, for SettleDelay, lets it
//     sign. Until then nothing depends on it: the injector may be down for a third of the CA's life.
//   - Serving. A replica whose leaf comes from another CA than the one that signs now, after a renewal or
//     after somebody deleted the Secret, goes on serving its leaf until it sees the signing CA in every
//     caBundle, for SettleDelay (API servers learn of a new caBundle at slightly different moments). It
//     switches at once if its own CA is no longer trusted and the signing one is, and at the latest when
//     its leaf expires: at least LeafLifetime/4 after the CA changed.
//   - Retiring. The injector keeps the CAs that it finds in a caBundle until the moment that the Secret
//     names in its annotation: when the last leaf of an earlier CA has expired. This holds because a leaf
//     is only signed with a CA that was just read from the API server, at a time taken before reading.
//
// A new replica has no leaf to fall back on. It is not ready before the signing CA is trusted, so no
// request reaches it; the replicas that have a leaf go on answering.
//
// # What happens when
//
//   - The injector is down: renewal waits. After a deletion of the Secret running replicas go on with their
//     leaves, which have between a quarter of their life and all of it left; new ones stay unready.
//   - All replicas are down: nothing changes, the state is in the Secret.
//   - The API server is down: every replica keeps its leaf and tries again; nothing is kept only in memory
//     that would be missed later.
//   - The Secret is deleted or overwritten with something else: the next pass of any replica makes a new
//     authority. The write is conditional on what was read, so that of several replicas one wins and the
//     others adopt its CA.
//   - Someone empties a caBundle: the injector fills it. Replicas that serve a leaf of a CA which is lost by
//     that switch at once.
//
// # Why it polls
//
// A replica reads the Secret and the targets anew in each pass, every ten seconds, rather than watching
// them: each decision rests on what the API server holds now, and what is served in between does not
// depend on speed. It also needs fewer permissions: no list and no watch.
package servingcert
