//go:build race

package windowshost

// crashStride is how many operations are skipped between two deaths: the race detector makes each story ten times as long,
// and what it looks for shows in any of them.
const crashStride = 4

// fleetSize is how many hosts a fleet has: fewer than without the race detector, in the same proportions.
const fleetSize = 60
