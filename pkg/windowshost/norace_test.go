//go:build !race

package windowshost

// crashStride lets the process die before every operation.
const crashStride = 1
