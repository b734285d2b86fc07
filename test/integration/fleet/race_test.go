//go:build race

package fleet

// healthyHosts are few: the race detector makes each of them many times as expensive, and what it looks for shows with few.
const healthyHosts = 40
