package winhost_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mullion-dev/mullion/test/winhost"
)

func TestManyHostsRunAtOnce(t *testing.T) {
	start(t, winhost.Options{}) // Or skips.
	builds := []string{"10.0.17763", "10.0.20348", "10.0.26100"}
	hosts := make([]*winhost.Host, 9)
	started := time.Now()
	starts, ctx := errgroup.WithContext(testContext(t))
	starts.SetLimit(3)
	for i := range hosts {
		starts.Go(func() (err error) {
			hosts[i], err = winhost.Start(ctx, winhost.Options{Build: builds[i%len(builds)], Hostname: fmt.Sprintf("host-%d", i)})
			return err
		})
	}
	err := starts.Wait()
	defer func() {
		for _, host := range hosts {
			if host != nil {
				if err := host.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d hosts started within %s", len(hosts), time.Since(started).Round(time.Millisecond))
	addresses := map[string]bool{}
	for i, host := range hosts {
		if got, want := output(t, host, "ver & hostname"), builds[i%len(builds)]; !strings.Contains(got, want) ||
			!strings.Contains(strings.ToLower(got), fmt.Sprintf("host-%d\n", i)) {
			t.Errorf("host %d is %q", i, got)
		}
		addresses[host.IP()] = true
	}
	if len(addresses) != len(hosts) {
		t.Errorf("the hosts share addresses: %v", addresses)
	}
}
