//go:build !race

package windowshost

// crashStride lets the process die before every operation.
const crashStride = 1

// fleetSize is how many hosts a fleet has.
const fleetSize = 200
