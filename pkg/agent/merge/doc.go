// Package merge puts lines into files, and entries into lists, that others write too, and takes them out again
// without touching what is theirs. Its functions are pure.
package merge
