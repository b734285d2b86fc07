package rollout

import (
	"context"
	"fmt"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// cached lists hosts as a cache does that is told not to copy.
type cached struct {
	client.Reader
	hosts []v1alpha1.WindowsHost
}

func (c cached) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	if hosts, ok := list.(*v1alpha1.WindowsHostList); ok {
		hosts.Items = c.hosts
	}
	return nil
}

// BenchmarkTakeAmongAThousandHosts is what one look of one host costs, while all the others wait as well.
func BenchmarkTakeAmongAThousandHosts(b *testing.B) {
	cache := cached{}
	for i := range 1000 {
		cache.hosts = append(cache.hosts, *windowsHost(fmt.Sprintf("h%03d", i), claiming(change)))
	}
	p := &v1alpha1.WindowsBuildPolicy{}
	p.Name = "general"
	p.Spec.Builds = []v1alpha1.BuildRule{{Build: build2022}}
	turns := NewTurns(cache, nil, clocktesting.NewFakePassiveClock(now), nil)
	b.ReportAllocs()
	for b.Loop() {
		d, err := turns.Take(b.Context(), Ask{Host: &cache.hosts[999], Policy: p, Reason: change, Node: "h999"})
		if err != nil || d.May {
			b.Fatal(d, err)
		}
	}
}

func BenchmarkStatusOfAThousandHosts(b *testing.B) {
	hosts := many(1000, toChange)
	p := policy(atOnce("10%"), canaries(1))
	b.ReportAllocs()
	for b.Loop() {
		if Status(p, hosts, now).Hosts != 1000 {
			b.Fatal("not all are counted")
		}
	}
}

func BenchmarkDecideAmongAThousandHosts(b *testing.B) {
	hosts := append(many(1000, toChange), serving("x", toChange))
	p := policy(atOnce("10%"), canaries(1), open("0 0 * * *", "Europe/Berlin", 24*time.Hour))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decide(p, hosts, key("x"), now); err != nil {
			b.Fatal(err)
		}
	}
}
