// Package observe reads from a host what a plan depends on, and nothing else: a pass over a host that is as desired
// costs the digests of its files and a few calls.
package observe
