package exporter

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestTargetsFollowTheHosts(t *testing.T) {
	config, node, host := newConfig("metrics", 0), newNode("a", corev1.ConditionTrue), newHost("a", "metrics", "10.0.0.1")
	c := newCluster(t, config, node, host, newNode("b", corev1.ConditionFalse), newHost("b", "metrics", "10.0.0.2"))
	c.expect("a=10.0.0.1:9182", "b=10.0.0.2:9182 (not ready)")

	node.Status.Conditions[0].Status = corev1.ConditionUnknown
	if err := c.Client.Status().Update(t.Context(), node); err != nil {
		t.Fatal(err)
	}
	c.expect("a=10.0.0.1:9182 (not ready)", "b=10.0.0.2:9182 (not ready)")

	config.Spec.Metrics.Port = 9999
	c.update(config)
	c.expect("a=10.0.0.1:9999 (not ready)", "b=10.0.0.2:9999 (not ready)")

	if err := c.Client.Delete(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	c.expect("b=10.0.0.2:9999 (not ready)")

	config.Spec.Metrics = nil
	c.update(config)
	c.expect()
}

func TestLookingAgainWritesNothing(t *testing.T) {
	c := newCluster(t, newConfig("metrics", 0), newNode("a", corev1.ConditionTrue), newHost("a", "metrics", "10.0.0.1"), newHost("b", "metrics", "fd00::2"))
	for i, want := range []int{3, 0, 0} { // The Service, and a slice of each family.
		if writes, err := c.look(); writes != want || err != nil {
			t.Errorf("look %d: %d writes, want %d: %v", i, writes, want, err)
		}
	}
}

func TestSlicesHoldAHundredEndpointsOfOneFamilyAndPort(t *testing.T) {
	c := newCluster(t, newConfig("metrics", 0), newConfig("other-port", 9999))
	for i := range 205 {
		host := newHost(fmt.Sprintf("host-%03d", i), "metrics", fmt.Sprintf("10.0.0.%d", i+1))
		if err := c.Client.Create(t.Context(), host); err != nil {
			t.Fatal(err)
		}
	}
	for _, host := range []*v1alpha1.WindowsHost{newHost("six", "metrics", "fd00::1"), newHost("port", "other-port", "10.0.1.1")} {
		if err := c.Client.Create(t.Context(), host); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.look(); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, slice := range c.slices() {
		got[slice.Name] = len(slice.Endpoints)
	}
	want := map[string]int{
		"windows-exporter-ipv4-9182-0": 100, "windows-exporter-ipv4-9182-1": 100, "windows-exporter-ipv4-9182-2": 5,
		"windows-exporter-ipv4-9999-0": 1, "windows-exporter-ipv6-9182-0": 1,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestWhatSomebodyChangesIsSetRight(t *testing.T) {
	for sentence, change := range map[string]func(*cluster, *discoveryv1.EndpointSlice){
		"a slice is deleted": func(c *cluster, s *discoveryv1.EndpointSlice) {
			if err := c.Client.Delete(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		},
		"an endpoint is added": func(c *cluster, s *discoveryv1.EndpointSlice) {
			s.Endpoints = append(s.Endpoints, discoveryv1.Endpoint{Addresses: []string{"203.0.113.1"}})
			c.update(s)
		},
		"a port is changed": func(c *cluster, s *discoveryv1.EndpointSlice) {
			s.Ports[0].Port = new(int32)
			c.update(s)
		},
		"the owner is taken away": func(c *cluster, s *discoveryv1.EndpointSlice) {
			s.OwnerReferences = nil
			c.update(s)
		},
		"the Service is no longer headless": func(c *cluster, _ *discoveryv1.EndpointSlice) {
			service := c.getService()
			service.Spec.ClusterIP = ""
			c.update(service)
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			c := newCluster(t, newConfig("metrics", 0), newNode("a", corev1.ConditionTrue), newHost("a", "metrics", "10.0.0.1"))
			c.expect("a=10.0.0.1:9182")
			change(c, &c.slices()[0])
			c.expect("a=10.0.0.1:9182")
			service := c.getService()
			if slice := c.slices()[0]; !metav1.IsControlledBy(&slice, service) || service.Spec.ClusterIP != corev1.ClusterIPNone {
				t.Errorf("owners %v, cluster IP %q", slice.OwnerReferences, service.Spec.ClusterIP)
			}
		})
	}
}

func TestAServiceOfSomebodyElseIsLeftAlone(t *testing.T) {
	theirs := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: ServiceName}}
	c := newCluster(t, theirs, newConfig("metrics", 0), newHost("a", "metrics", "10.0.0.1"))
	if writes, err := c.look(); writes != 0 || err != nil {
		t.Errorf("%d writes: %v", writes, err)
	}
	if event := <-c.events.Events; !strings.Contains(event, "made by somebody else") {
		t.Errorf("event %q", event)
	}
}

func TestOneSliceThatCannotBeWrittenDoesNotStopTheOthers(t *testing.T) {
	c := newCluster(t, newConfig("metrics", 0), newHost("a", "metrics", "10.0.0.1"), newHost("b", "metrics", "fd00::2"))
	broken := errors.New("the API server is on fire")
	c.fail = func(name string) error {
		if strings.Contains(name, "ipv4") {
			return broken
		}
		return nil
	}
	if _, err := c.look(); !errors.Is(err, broken) || !strings.Contains(err.Error(), "applying EndpointSlice windows-exporter-ipv4-9182-0: ") {
		t.Errorf("got %v", err)
	}
	if got := fmt.Sprint(c.targets()); got != "[b=fd00::2:9182 (not ready)]" {
		t.Errorf("targets %s", got)
	}
}

func (c *cluster) getService() *corev1.Service {
	c.t.Helper()
	service := &corev1.Service{}
	if err := c.Client.Get(c.t.Context(), client.ObjectKey{Namespace: namespace, Name: ServiceName}, service); err != nil {
		c.t.Fatal(err)
	}
	return service
}
