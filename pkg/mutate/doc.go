// Package mutate turns placement decisions into JSON patches: the smallest that make the scheduler agree,
// which add and never take away what a user wrote.
package mutate
