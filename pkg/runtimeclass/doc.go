// Package runtimeclass keeps the RuntimeClasses by which pods are bound to the builds of policies.
//
// [Desired] is pure: from policies and the fleet it makes a [Plan] of the classes that there should be, and
// [Class.StateOf] compares one with what the cluster has. [Reconciler] carries the plan out, one class at a
// time, so that a class that cannot be mended holds up no other.
//
// # Whose a class is
//
// A class belongs to this project if it has the label app.kubernetes.io/managed-by: mullion. There are no
// owner references: several policies may share a class, and a garbage collector would delete it with the
// last of them, whether or not pods still use it. A class without the label is somebody else's. It is used
// as it is and never changed, so taking the label away is how to take a class over.
//
// # What happens to it
//
// A missing class is made, and one of ours that was changed is set right by server-side apply; fields that
// this project does not set, such as the overhead, stay as they are. The handler of a class cannot be
// changed, so a class with another handler is deleted and made anew, and a class that no policy names any
// more is deleted: both only when no pod that may still run uses it. Pods cannot be selected by RuntimeClass, so
// that is found out by reading all pods, page by page, and only when a deletion is due.
//
// Nothing is deleted while a policy does not compile: it may need the class.
package runtimeclass
