package winhost_test

import (
	"context"
	"fmt"
	"os"

	"github.com/mullion-dev/mullion/test/winhost"
)

// orphanVariable makes this test program start a host, print its address and die without closing it.
const orphanVariable = "WINHOST_TEST_ORPHAN"

func startAndDie() {
	host, err := winhost.Start(context.Background(), winhost.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, host.IP())
	os.Exit(0)
}
