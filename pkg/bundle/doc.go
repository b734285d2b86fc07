// Package bundle is the node bundle: the programs of a Windows node, each known by its digest, listed in a manifest.
//
// Whoever names a bundle by its digest has named every byte of it: the digest is that of an OCI manifest, which has
// those of our manifest and of all files. This package is the manifest alone; [Manifest] does no input or output.
// How bundles are stored in registries and kept on a disk is in the packages below.
package bundle
