// Package hosttest is the contract of package host as tests, which every implementation has to pass: the host in memory,
// so that what is proven with it is proven of Windows, and the adapter of Windows' calls.
//
// A contract is a sentence and a function. What an imitation of Windows cannot do is listed by its sentence, with the
// reason; then the contract has to fail. So a list cannot have more in it than is true.
package hosttest
