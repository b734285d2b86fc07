// Package review answers PlacementReviews: where would the pods of this object run, and why not elsewhere?
//
// It decides nothing itself. A pod goes the way that it goes in admission, through the same functions: it is
// evaluated, patched, evaluated again as it then is, and judged. What is asked twice on that way, the snapshot of
// the cluster and the facts of images, is asked once for a review, so that its parts agree with each other.
//
// A review differs from admission in two ways, both of which it names in the notes of its answer: pull secrets
// are used only where the caller may read them, and what the question supposes of the cluster is not so.
package review
