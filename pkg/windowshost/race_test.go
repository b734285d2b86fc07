//go:build race

package windowshost

// crashStride is how many operations are skipped between two deaths: the race detector makes each story ten times as long,
// and what it looks for shows in any of them.
const crashStride = 4
