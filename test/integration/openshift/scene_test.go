package openshift

import (
	"context"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource/machines"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/nodebundle"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// machineNamespace is where OpenShift has its Machines.
const machineNamespace = "openshift-machine-api"

// scene is one test's part of the suite: a policy for hosts, and the configuration that it gives them.
type scene struct {
	*framework.Scene
	config string
}

func newScene(t *testing.T, rollout v1alpha1.RolloutPolicy) *scene {
	t.Helper()
	s := &scene{Scene: shared.NewScene(t)}
	config := nodebundle.Config(s.Namespace, bundles[current], current)
	s.create(config)
	spec := framework.Offering(framework.Build2022)
	spec.Builds[0].NodeConfigRef = &v1alpha1.NodeConfigReference{Name: config.Name}
	spec.Rollout = rollout
	s.GivenPolicy(spec)
	s.config = config.Name
	return s
}

// create makes an object that is deleted when the test ends.
func (s *scene) create(object client.Object) {
	s.T.Helper()
	if err := s.Client.Create(s.T.Context(), object); err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() {
		if err := client.IgnoreNotFound(s.Client.Delete(context.Background(), object)); err != nil {
			s.T.Error(err)
		}
	})
}

// machine is a Windows machine that OpenShift has made.
type machine struct {
	name string
	host *scriptedhosts.Host
}

// provision does what a MachineSet and its provider do: a machine is there, and then a Machine says where.
func (s *scene) provision(name string) *machine {
	s.T.Helper()
	host, err := fleet.Add(scriptedhosts.Spec{Name: name, Build: framework.Build2022})
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() {
		if err := host.Become(scriptedhosts.Down); err != nil {
			s.T.Error(err)
		}
		if err := client.IgnoreNotFound(s.Kube.CoreV1().Nodes().Delete(context.Background(), name, metav1.DeleteOptions{})); err != nil {
			s.T.Error(err)
		}
	})
	object := newObject("Machine", name)
	object.SetLabels(map[string]string{"machine.openshift.io/os-id": "Windows"})
	object.Object["status"] = map[string]any{
		"phase": "Running",
		// Loopback addresses, which are all that there are here, are nobody's; so it has one by name.
		"addresses": []any{map[string]any{"type": "InternalDNS", "address": host.Address().String()}},
	}
	s.create(object)
	m := &machine{name: name, host: host}
	// No Machine says of its SSH server that it has another port than 22, which may be taken here.
	s.Eventually("the port of "+name+" is known", func(ctx context.Context) (bool, error) {
		patch := fmt.Sprintf(`{"spec":{"port":%d}}`, host.Object("", "", "").Spec.Port)
		err := s.Client.Patch(ctx, m.object(), client.RawPatch(types.MergePatchType, []byte(patch)))
		return err == nil, err
	})
	return m
}

// object is the WindowsHost that is made of a machine.
func (m *machine) object() *v1alpha1.WindowsHost {
	return &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: machines.HostName(machineNamespace, m.name)}}
}

// newObject is an object of the machine API.
func newObject(kind, name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{}}
	object.SetAPIVersion("machine.openshift.io/v1beta1")
	object.SetKind(kind)
	object.SetNamespace(machineNamespace)
	object.SetName(name)
	return object
}

// untilReady waits until a machine is a node with a version.
func (s *scene) untilReady(m *machine, version string) {
	s.T.Helper()
	var host v1alpha1.WindowsHost
	s.Within(patience, m.name+" is Ready with "+version, func(ctx context.Context) (bool, error) {
		if err := s.Client.Get(ctx, client.ObjectKeyFromObject(m.object()), &host); err != nil {
			return false, err
		}
		status := &host.Status
		if status.Phase == v1alpha1.HostReady && status.Applied != nil && status.Applied.KubernetesVersion == version {
			return true, nil
		}
		return false, fmt.Errorf("it is %s at %s: %s", status.Phase, status.Step, status.Message)
	})
}

// exists tells whether a Machine is there.
func (s *scene) exists(ctx context.Context, m *machine) (bool, error) {
	object := newObject("Machine", m.name)
	err := s.Client.Get(ctx, client.ObjectKeyFromObject(object), object)
	return err == nil, client.IgnoreNotFound(err)
}
