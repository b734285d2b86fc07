// Package nodebundle has the node bundles of WindowsNodeConfigs at hand for hosts that need them.
//
// A bundle is fetched once for all hosts, into a cache on the manager's disk, and verified on the way; hosts never ask a
// registry. Fetching takes as long as it takes and goes on by itself: who needs the bundle waits a few seconds for it and
// is then told to come again, so that a slow registry occupies nobody who could look after another host meanwhile. What
// nobody has asked for in an hour may make room for others.
package nodebundle
