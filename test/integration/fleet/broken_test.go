package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// Twenty hosts with all that can be wrong with one, most of which hang, have the first turn at the workers, and the others
// join all the while.
func TestBrokenHostsKeepNoOthersWaiting(t *testing.T) {
	s := newScene(t, v1alpha1.RolloutPolicy{})
	ailments := scriptedhosts.Ailments()
	broken := slices.Concat(several(len(ailments), "broken", ailments...), several(20-len(ailments), "hanging", scriptedhosts.Hanging))
	s.given(broken...)
	s.until("all broken hosts are looked at", func() bool {
		return len(s.all()) == len(broken) && !slices.ContainsFunc(s.all(), untouched)
	})
	if ended := s.count("-hanging-", hasFailed); ended > 0 {
		t.Errorf("%d attempts at hosts that hang were over, after minutes, before every host was looked at once", ended)
	}
	stood := s.standstills("-hanging-", "-healthy-")
	began := time.Now()
	s.given(several(healthyHosts, "healthy")...)
	s.untilWithin(longPatience, fmt.Sprintf("all %d others are Ready", healthyHosts), func() bool {
		return s.count("-healthy-", isReady) == healthyHosts
	})
	t.Logf("%d hosts are Ready after %v, with %d broken", healthyHosts, time.Since(began).Round(time.Second), len(broken))
	if attempts := stood(); len(attempts) > 0 {
		t.Errorf("nothing has happened to the others during attempts at %v", attempts)
	}
	s.until("those say what is wrong with them that answer that they do not let anybody in", func() bool {
		return s.saysWhy(scriptedhosts.Down, v1alpha1.ReasonUnreachable) && s.saysWhy(scriptedhosts.Unplugged, v1alpha1.ReasonUnreachable) &&
			s.saysWhy(scriptedhosts.WrongKey, v1alpha1.ReasonNotAuthorized) && s.saysWhy(scriptedhosts.WrongHostKey, v1alpha1.ReasonHostKeyMismatch)
	})
	for i, spec := range broken {
		if host := s.host(s.hosts[i].Name()); spec.Ails.Permanent() && isReady(host) {
			t.Errorf("%s is Ready though it is %s", host.Name, spec.Ails)
		}
	}
}

func untouched(host *v1alpha1.WindowsHost) bool {
	return !slices.Contains(host.Finalizers, v1alpha1.FinalizerHost)
}

func hasFailed(host *v1alpha1.WindowsHost) bool { return host.Status.LastError != nil }

// saysWhy tells whether the host that was given with an ailment has failed for a reason.
func (s *scene) saysWhy(ails scriptedhosts.Ailment, reason string) bool {
	number := slices.Index(scriptedhosts.Ailments(), ails)
	host := s.host(s.hosts[number].Name())
	return host.Status.LastError != nil && host.Status.LastError.Reason == reason
}

// count is how many hosts with a part of their name satisfy a condition.
func (v *view) count(part string, satisfied func(*v1alpha1.WindowsHost) bool) (count int) {
	for _, host := range v.all() {
		if strings.Contains(host.Name, part) && satisfied(host) {
			count++
		}
	}
	return count
}

// standstills watches whether attempts at some hosts, which last minutes, hold up others: then nothing happens to any of the
// others from the beginning of an attempt to its end. The returned function tells during which attempts that was so, as long
// as the others were not all Ready. Both are told by parts of their names.
func (s *scene) standstills(some, others string) (ended func() []string) {
	var (
		stood    []string
		happened int                   // to the others
		versions = map[string]string{} // of all, as seen last
		attempts = map[string]int32{}  // at the ones
		before   = map[string]int{}    // what had happened when the attempt before had ended
	)
	s.see(func(hosts map[string]*v1alpha1.WindowsHost, _ map[string]*corev1.Node) {
		for name, host := range hosts {
			if versions[name] == host.ResourceVersion {
				continue
			}
			versions[name] = host.ResourceVersion
			switch {
			case strings.Contains(name, others) && !untouched(host):
				happened++
			case strings.Contains(name, some) && host.Status.LastError != nil && host.Status.LastError.Attempts > attempts[name]:
				if attempts[name] = host.Status.LastError.Attempts; before[name] == happened && unfinished(hosts, others) {
					stood = append(stood, fmt.Sprintf("%s (the %d.)", name, attempts[name]))
				}
				before[name] = happened
			}
		}
	})
	return func() []string {
		s.see(func(map[string]*v1alpha1.WindowsHost, map[string]*corev1.Node) {})
		return stood
	}
}

// unfinished tells whether there is a host with a part of its name that is not Ready.
func unfinished(hosts map[string]*v1alpha1.WindowsHost, part string) bool {
	for name, host := range hosts {
		if strings.Contains(name, part) && !isReady(host) {
			return true
		}
	}
	return false
}
