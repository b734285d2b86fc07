// Package state is the language that a node manager and a host's agent speak: what a host shall be ([Desired]), what
// is known about it ([Facts], [Observed]), what has to be done ([Plan]), and what belongs to us ([Manifest]).
//
// It is data and its validation, no behaviour. Documents carry the version of this schema and are decoded strictly:
// an unknown field is a mistake, or comes from a newer peer whose meaning would get lost; either is refused.
//
// Nothing of a resource that is marked secret may leave the host, or reach a log: plans show the beginning of a digest.
package state
