// Package pullsecret reads the image pull secrets of pods and makes keyrings of them.
//
// Secrets are read one by one when a pod names them, rather than watched: a webhook that may list every
// Secret of a cluster is a treasure for whoever breaks into it. What is read is kept for a minute, so a rotated
// secret takes effect within that time.
//
// A secret that is missing, unreadable or of another type is left out, as kubelet leaves it out, and a note
// says so: the image may be public all the same.
package pullsecret
