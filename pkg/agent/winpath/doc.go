// Package winpath treats Windows paths as data, on any operating system: path/filepath knows only the rules of the
// system it was built for, and a path of a Windows host is mostly handled on Linux.
//
// The rules are those of Microsoft's "Naming Files, Paths, and Namespaces". What Windows would silently change into
// another name, such as a trailing dot, is refused: two spellings of one file would be two resources with one fate.
package winpath
