// Package rollout decides whose turn it is: which of a policy's hosts may be taken out of service now, for whatever
// reason, and what those that may not wait for.
//
// [Decide] and [Status] are pure over the policy's settings, every host of the policy as its status shows it, and the
// time. A host that has a turn keeps it to the end, and a turn is nothing but status.disruption: after a restart, or on
// another replica, the same hosts have the same turns.
//
// The others are asked in one order that is the same for whoever asks: a host that is to be given back first, then
// those that are out of service anyway, then the oldest, then the first by name. Walking along it, each host takes what
// is left of the limit, if nothing keeps it from going at all. So the host that asks knows who comes before it, and one
// that cannot go is passed over and holds up nobody. What can keep a host is, in the order in which it is told:
//
//   - the rollout is paused, or its settings are not valid;
//   - as many hosts have failed to be changed to the same as the failure budget has;
//   - no maintenance window is open;
//   - the canaries of the change have not been in service for long enough;
//   - as many hosts are out of service as may be.
//
// Giving a host back heeds the last alone, and joining none: it takes pods from nobody.
//
// [Turns] gives turns. It asks the gate last, which knows whether a pod would have nowhere to go; and it counts a turn
// from when it was given, not from when the cache shows it.
package rollout
