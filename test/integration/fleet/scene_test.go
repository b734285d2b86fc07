package fleet

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/nodebundle"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

const (
	// patience bounds what takes a minute at most on a machine that has nothing else to do.
	patience = 5 * time.Minute
	// longPatience bounds what takes some minutes.
	longPatience = 20 * time.Minute
)

// keySecret has the key of all hosts.
const keySecret = "fleet-key"

// scene is one test's part of the suite: hosts, a policy for them, and the configuration that it gives them.
type scene struct {
	*framework.Scene
	*view
	// policy and config are the names.
	policy, config string
	hosts          []*scriptedhosts.Host
}

// newScene makes a scene without hosts.
func newScene(t *testing.T, rollout v1alpha1.RolloutPolicy) *scene {
	t.Helper()
	s := &scene{Scene: shared.NewScene(t)}
	s.view = newView(t, s.Namespace)
	s.create(fleet.Secret(s.Namespace, keySecret))
	config := nodebundle.Config(s.Namespace, bundles[current], current)
	s.create(config)
	t.Cleanup(func() {
		if err := s.Client.Delete(context.Background(), config); err != nil {
			t.Error(err)
		}
	})
	spec := framework.Offering(framework.Build2022)
	spec.Builds[0].NodeConfigRef = &v1alpha1.NodeConfigReference{Name: config.Name}
	spec.Rollout = rollout
	s.policy, s.config = s.GivenPolicy(spec).Name, config.Name
	return s
}

// atOnce is a rollout that lets so many hosts be out of service, without a canary.
func atOnce(hosts int) v1alpha1.RolloutPolicy {
	return v1alpha1.RolloutPolicy{
		MaxUnavailable: new(intstr.FromInt(hosts)), Canary: new(int32(0)), CanarySoak: &metav1.Duration{Duration: time.Second},
	}
}

func (s *scene) create(object client.Object) {
	s.T.Helper()
	if err := s.Client.Create(s.T.Context(), object); err != nil {
		s.T.Fatal(err)
	}
}

// start starts a host that nobody knows of.
func (s *scene) start(spec scriptedhosts.Spec) *scriptedhosts.Host {
	s.T.Helper()
	spec.Build = framework.Build2022
	spec.Name = s.Namespace[len("case-"):] + "-" + spec.Name // Nodes have no namespace.
	h, err := fleet.Add(spec)
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() {
		if err := h.Become(scriptedhosts.Down); err != nil {
			s.T.Error(err)
		}
	})
	return h
}

// object is the WindowsHost of a host.
func (s *scene) object(h *scriptedhosts.Host) *v1alpha1.WindowsHost {
	return h.Object(s.Namespace, keySecret, s.policy)
}

// given starts hosts and makes WindowsHosts of them, which are let go of when the test ends.
func (s *scene) given(specs ...scriptedhosts.Spec) []*scriptedhosts.Host {
	s.T.Helper()
	var hosts []*scriptedhosts.Host
	for _, spec := range specs {
		h := s.start(spec)
		s.create(s.object(h))
		s.T.Cleanup(func() { s.letGo(h) })
		hosts = append(hosts, h)
	}
	s.hosts = append(s.hosts, hosts...)
	return hosts
}

// several are specifications that only differ by name.
func several(count int, name string, ails ...scriptedhosts.Ailment) []scriptedhosts.Spec {
	specs := make([]scriptedhosts.Spec, count)
	for i := range specs {
		specs[i].Name = fmt.Sprintf("%s-%d", name, i)
		if len(ails) > 0 {
			specs[i].Ails = ails[i%len(ails)]
			specs[i].Bare = specs[i].Ails == scriptedhosts.Lost // Else it never restarts.
		}
	}
	return specs
}

// letGo removes the WindowsHost and the node of a host, whatever state they are in. It does not wait.
func (s *scene) letGo(h *scriptedhosts.Host) {
	s.orphan(client.ObjectKey{Namespace: s.Namespace, Name: h.Name()})
	s.remove(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: h.Name()}})
}

// orphan deletes a WindowsHost, if there is one, in a way that nobody touches the host for.
func (s *scene) orphan(key client.ObjectKey) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	object := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"`+v1alpha1.AnnotationOrphan+`":"true"}}}`))
	if err := client.IgnoreNotFound(s.Client.Patch(ctx, object, patch)); err != nil {
		s.T.Error(err)
	}
	s.remove(object)
}

// remove deletes an object, unless it is gone.
func (s *scene) remove(object client.Object) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := client.IgnoreNotFound(s.Client.Delete(ctx, object)); err != nil {
		s.T.Error(err)
	}
}

// give lets the configuration have another version.
func (s *scene) give(version string) {
	s.T.Helper()
	s.configure(fmt.Sprintf(`{"kubernetesVersion":%q,"bundle":{"image":%q}}`, version, bundles[version]))
}

// configure changes the specification of the configuration by a merge patch.
func (s *scene) configure(patch string) {
	s.T.Helper()
	s.patch(&v1alpha1.WindowsNodeConfig{ObjectMeta: metav1.ObjectMeta{Name: s.config}}, `{"spec":`+patch+`}`)
}

// rollout changes the rollout of the policy by a merge patch.
func (s *scene) rollout(patch string) {
	s.T.Helper()
	s.patch(&v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: s.policy}}, `{"spec":{"rollout":`+patch+`}}`)
}

// patch changes an object by a merge patch, and tries again while there is no API server.
func (s *scene) patch(object client.Object, patch string) {
	s.T.Helper()
	s.Eventually("a change is taken", func(ctx context.Context) (bool, error) {
		err := s.Client.Patch(ctx, object, client.RawPatch(types.MergePatchType, []byte(patch)))
		return err == nil, err
	})
}

// ready are the hosts that are nodes with a version of the configuration.
func (s *scene) ready(version string) (count int) {
	for _, host := range s.all() {
		if isReady(host) && host.Status.Applied.KubernetesVersion == version {
			count++
		}
	}
	return count
}

func isReady(host *v1alpha1.WindowsHost) bool {
	return host.Status.Phase == v1alpha1.HostReady && host.Status.Disruption == nil && host.Status.Applied != nil
}

// untilReady waits until so many hosts are nodes with a version.
func (s *scene) untilReady(count int, version string) {
	s.T.Helper()
	s.until(fmt.Sprintf("%d hosts are Ready with %s", count, version), func() bool { return s.ready(version) == count })
}

// untilNodesServe waits until the nodes of all hosts take pods, with kubelets of a version. What is seen of nodes may be
// behind what is seen of hosts.
func (s *scene) untilNodesServe(version string) {
	s.T.Helper()
	s.until("all nodes serve with "+version, func() bool {
		for _, h := range s.hosts {
			node := s.node(h.Name())
			if node == nil || outOfService(node) || node.Status.NodeInfo.KubeletVersion != version {
				return false
			}
		}
		return true
	})
}

// describe are all hosts of a scene, a line each.
func (v *view) describe() string {
	var text strings.Builder
	for _, host := range v.all() {
		status := &host.Status
		fmt.Fprintf(&text, "%s: %s at %s: %s", host.Name, status.Phase, status.Step, status.Message)
		if status.LastError != nil {
			fmt.Fprintf(&text, " (%s, %d times)", status.LastError.Reason, status.LastError.Attempts)
		}
		text.WriteByte('\n')
	}
	return text.String()
}
