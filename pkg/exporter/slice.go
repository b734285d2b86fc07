package exporter

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	discoveryv1ac "k8s.io/client-go/applyconfigurations/discovery/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	// maxEndpoints is how many a slice holds, as those of Kubernetes' own controllers do. The API takes 1000.
	maxEndpoints = 100
	// keeper says in a label which controller keeps a slice, so that no other does.
	keeper = "nodemanager.mullion.dev"
	// portName is how monitors name the port.
	portName = "metrics"
)

// Slice is one EndpointSlice: endpoints of one family and port, because a slice has one of each.
type Slice struct {
	Name      string
	Family    discoveryv1.AddressType
	Port      int32
	Endpoints []Endpoint
}

// Slices puts endpoints, which are in order, into as few slices as possible.
func Slices(endpoints []Endpoint) []Slice {
	type kind struct {
		family discoveryv1.AddressType
		port   int32
	}
	byKind := map[kind][]Endpoint{}
	for _, e := range endpoints {
		k := kind{discoveryv1.AddressTypeIPv4, e.Port}
		if e.Address.Is6() {
			k.family = discoveryv1.AddressTypeIPv6
		}
		byKind[k] = append(byKind[k], e)
	}
	var all []Slice
	for k, of := range byKind {
		i := 0
		for chunk := range slices.Chunk(of, maxEndpoints) {
			name := fmt.Sprintf("%s-%s-%d-%d", ServiceName, strings.ToLower(string(k.family)), k.port, i)
			all = append(all, Slice{Name: name, Family: k.family, Port: k.port, Endpoints: chunk})
			i++
		}
	}
	slices.SortFunc(all, func(a, b Slice) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// labels are those of a slice. The first has whoever looks for the Service's endpoints find it.
func (s *Slice) labels() map[string]string {
	return map[string]string{
		discoveryv1.LabelServiceName: ServiceName,
		discoveryv1.LabelManagedBy:   keeper,
		v1alpha1.LabelManagedBy:      v1alpha1.ManagedBy,
	}
}

// configuration is everything that this project sets in the slice. It goes with the Service.
func (s *Slice) configuration(service *corev1.Service) *discoveryv1ac.EndpointSliceApplyConfiguration {
	slice := discoveryv1ac.EndpointSlice(s.Name, service.Namespace).
		WithLabels(s.labels()).
		WithOwnerReferences(metav1ac.OwnerReference().
			WithAPIVersion("v1").WithKind("Service").WithName(service.Name).WithUID(service.UID).WithController(true)).
		WithAddressType(s.Family).
		WithPorts(discoveryv1ac.EndpointPort().WithName(portName).WithProtocol(corev1.ProtocolTCP).WithPort(s.Port))
	for _, e := range s.Endpoints {
		slice.WithEndpoints(discoveryv1ac.Endpoint().
			WithAddresses(e.Address.String()).
			WithConditions(discoveryv1ac.EndpointConditions().WithReady(e.Ready)).
			WithNodeName(e.Node).
			// By this Prometheus labels the target with the node.
			WithTargetRef(corev1ac.ObjectReference().WithKind("Node").WithName(e.Node)))
	}
	return slice
}

// is tells that a live slice is as it shall be.
func (s *Slice) is(live *discoveryv1.EndpointSlice, service *corev1.Service) bool {
	for key, value := range s.labels() {
		if live.Labels[key] != value {
			return false
		}
	}
	want := make([]discoveryv1.Endpoint, len(s.Endpoints))
	for i, e := range s.Endpoints {
		want[i] = discoveryv1.Endpoint{
			Addresses:  []string{e.Address.String()},
			Conditions: discoveryv1.EndpointConditions{Ready: ptr.To(e.Ready)},
			NodeName:   ptr.To(e.Node),
			TargetRef:  &corev1.ObjectReference{Kind: "Node", Name: e.Node},
		}
	}
	return metav1.IsControlledBy(live, service) && live.AddressType == s.Family &&
		apiequality.Semantic.DeepEqual(live.Endpoints, want) &&
		apiequality.Semantic.DeepEqual(live.Ports, []discoveryv1.EndpointPort{{
			Name: ptr.To(portName), Protocol: ptr.To(corev1.ProtocolTCP), Port: ptr.To(s.Port),
		}})
}
