// Package pods does for pods what a kubelet does, but for containers, of which there are none: it refuses a pod of
// another operating system, reports a pod as running, and completes its deletion.
package pods
