// Package cache keeps the files of node bundles on a disk, each under the digest of its content.
//
// What two bundles have in common is there once. Nothing is handed out that was not verified in this process: a file
// that was damaged on the disk is fetched again. The cache is bounded; what no bundle in use needs goes first, the
// longest unused before others. One process has a directory for itself; within it everything may be called at once.
package cache
