// Package exporter lets Prometheus find windows_exporter on the hosts that run it: a Service without a selector, and
// EndpointSlices that follow the hosts. A host that is given back is gone from them at once, so that nobody is paged for
// it; one whose node is not Ready stays, marked as not ready, so that somebody is.
//
// The addresses are those that were verified over the connection to the host. What a node says of its own addresses is
// not asked: it could lead Prometheus anywhere.
package exporter
