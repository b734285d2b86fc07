package admission

// stackRoom is what decoding and judging a pod needs of stack, in bytes, with some to spare.
const stackRoom = 16 << 10

// growStack makes room on the goroutine's stack in one go, while there is little on it to move. HTTP/2 serves each
// request on a fresh goroutine with a small stack, and growing that step by step beneath a JSON decoder took a
// sixth of all CPU time. Measured with bench/serving.
//
//go:noinline
func growStack(at int) byte {
	var room [stackRoom]byte
	room[at] = 1 // an index that the compiler does not know keeps it from leaving the array out
	return room[at/2]
}
