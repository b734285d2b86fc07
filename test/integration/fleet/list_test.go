package fleet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/lacking"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// listName is that of the list of hosts, in the namespace of the node manager.
const listName = "windows-instances"

// A host is listed, joins, is named a second time by hand, and loses its list: each part begins with a node.
func TestAListedHostIsANodeOnceAndStaysWithoutItsList(t *testing.T) {
	s := newScene(t, v1alpha1.RolloutPolicy{})
	listed := s.startListed()
	address := listed.Address().String()
	key := client.ObjectKey{Namespace: install.Namespace, Name: address}
	s.untilObject(key, "is Ready", isReady)

	byHand := s.object(listed)
	s.create(byHand)
	t.Cleanup(func() { s.letGo(listed) })
	s.untilHost(byHand.Name, "is refused as a duplicate", func(host *v1alpha1.WindowsHost) bool {
		condition := meta.FindStatusCondition(host.Status.Conditions, v1alpha1.HostConditionReady)
		return condition != nil && condition.Reason == v1alpha1.ReasonDuplicate
	})
	if status := s.host(byHand.Name).Status; status.Facts != nil || status.Node != nil {
		t.Errorf("something was done with it: %+v", status)
	}
	if kept := s.node(listed.Name()).Annotations[v1alpha1.AnnotationHost]; kept != key.String() {
		t.Errorf("the node is that of %s, not of %s", kept, key)
	}

	s.remove(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: listName}})
	s.Eventually("it is said that the hosts of the list are kept", func(ctx context.Context) (bool, error) {
		events, err := s.Kube.CoreV1().Events(install.Namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=RemovalNotConfirmed"})
		return err == nil && len(events.Items) > 0, err
	})
	s.untilObject(key, "is as it was", func(host *v1alpha1.WindowsHost) bool { return isReady(host) && host.DeletionTimestamp == nil })
}

// startListed starts a host of which the node manager knows by a list only.
func (s *scene) startListed() *scriptedhosts.Host {
	s.T.Helper()
	const port = 22 // Lists have no other.
	spec := scriptedhosts.Spec{Name: s.Namespace[len("case-"):] + "-listed", Build: framework.Build2022, Port: port}
	h, err := fleet.Add(spec)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EADDRINUSE) {
		lacking.Skip(s.T, fmt.Errorf("hosts of lists listen on port 22, which is not to be had here: %w", err))
	}
	if err != nil {
		s.T.Fatal(err)
	}
	secret := fleet.Secret(install.Namespace, "cloud-private-key")
	known := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: listName + "-known-hosts"},
		Data:       map[string]string{"known_hosts": h.KnownHosts()},
	}
	list := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: listName},
		Data:       map[string]string{h.Address().String(): "username=" + scriptedhosts.User},
	}
	for _, object := range []client.Object{secret, known, list} {
		s.create(object)
		s.T.Cleanup(func() { s.remove(object) })
	}
	s.T.Cleanup(func() { s.orphan(client.ObjectKey{Namespace: install.Namespace, Name: h.Address().String()}) })
	return h
}

// untilObject waits until a WindowsHost of any namespace satisfies a condition.
func (s *scene) untilObject(key client.ObjectKey, what string, satisfied func(*v1alpha1.WindowsHost) bool) {
	s.T.Helper()
	s.Within(patience, key.String()+" "+what, func(ctx context.Context) (bool, error) {
		var host v1alpha1.WindowsHost
		err := s.Client.Get(ctx, key, &host)
		return err == nil && satisfied(&host), err
	})
}
