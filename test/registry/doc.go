// Package registry is an OCI registry on loopback for tests and the demonstration: a real one, filled with
// tiny images whose indexes and configs are shaped like Microsoft's, and able to misbehave on request.
//
// A Registry listens on its own port of 127.0.0.1, over HTTP or HTTPS, with or without basic
// authentication. Content is put into it with Push, which talks to the registry's handler directly and is
// therefore neither authenticated, counted nor subject to faults. Clients talk to Host.
//
// Catalog is the list of images that the demonstration and the integration tests use; NewIndex and NewImage build others.
// Inject makes the registry misbehave until the returned function is called.
package registry
