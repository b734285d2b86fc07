// Package key reads the private keys that this program proves itself with to hosts.
//
// What goes wrong with keys goes wrong in front of somebody who pasted one into a Secret. Every refusal therefore says
// what was given instead, in our own words: no error of a decoder is passed on, because nobody has promised that those
// never quote what they could not read.
package key
