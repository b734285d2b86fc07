// Package registry asks a registry about one image: what platforms are behind the reference?
//
// It speaks the OCI distribution protocol (https://github.com/opencontainers/distribution-spec) itself rather
// than through a client library, because a webhook needs three things that those do not give: nothing that a
// registry sends is read without a bound, no platform is ever chosen by default, and every failure becomes
// one sentence that can be shown to a person.
//
// The algorithm of [Client.Lookup]:
//
//  1. Ask for the manifest by digest or tag, with the first credentials that match, then with the others,
//     then anonymously.
//  2. An index: take each entry's platform as the entry gives it. Indexes inside it are flattened;
//     attestations and artifacts are left out.
//  3. A single manifest, an entry without a platform, and a Windows entry without a version: read the image's
//     configuration. Where that is silent too, the version stays empty.
//
// One child that cannot be read makes the whole look-up fail: half an answer could place a pod wrongly.
//
// # What a registry may not do
//
// Every byte that is believed is checked against its digest. Documents are at most 4 MiB; a look-up is at
// most 64 requests, five redirects each, and 256 index entries three levels deep. Plain HTTP is spoken only
// to hosts that are listed. Credentials go to the registry itself and to the token service that it names,
// never to a host that it redirects to. Addresses where clouds serve instance metadata are never connected
// to, however they are spelled or resolved; see [Options.Proxy] for what a proxy changes.
package registry
