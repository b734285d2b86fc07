// Command runhcs stands where containerd looks for containerd-shim-runhcs-v1.exe. The real one makes containers by
// Windows' Host Compute Service, which a test host does not have; this one says so.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "there is no Host Compute Service on a test host, so that no container can be made")
	os.Exit(1)
}
