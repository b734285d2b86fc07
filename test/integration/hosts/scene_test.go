package hosts

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/lacking"
	"github.com/mullion-dev/mullion/test/nodebundle"
	"github.com/mullion-dev/mullion/test/winhost"
)

// patience bounds what takes half a minute on a machine that has nothing else to do.
const patience = 5 * time.Minute

// scene is one test's part of the suite: a node configuration, and a policy that gives it to hosts of some builds.
type scene struct {
	*framework.Scene
	Config *v1alpha1.WindowsNodeConfig
	Policy *v1alpha1.WindowsBuildPolicy
}

// newScene makes a scene whose policy offers builds to its namespace, and a node configuration to hosts of those.
func newScene(t *testing.T, builds ...string) *scene {
	t.Helper()
	if shared == nil {
		lacking.Skip(t, reason)
	}
	s := &scene{Scene: shared.NewScene(t)}
	s.Config = nodebundle.Config(s.Namespace, bundle, "")
	if err := s.Client.Create(t.Context(), s.Config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.IgnoreNotFound(s.Client.Delete(context.Background(), s.Config)); err != nil {
			t.Error(err)
		}
	})
	spec := framework.Offering(builds...)
	for i := range spec.Builds {
		spec.Builds[i].NodeConfigRef = &v1alpha1.NodeConfigReference{Name: s.Config.Name}
	}
	s.Policy = s.GivenPolicy(spec)
	return s
}

// host is a Windows host that is, or is to become, a node.
type host struct {
	*winhost.Host
	Key client.ObjectKey
}

// GivenMachine starts a bare Windows host that nobody knows of yet. It ends with the test.
func (s *scene) GivenMachine(name, build string) *winhost.Host {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	machine, err := winhost.Start(ctx, winhost.Options{Build: build, Hostname: strings.ToUpper(name)})
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() {
		if s.T.Failed() {
			logs, err := machine.Logs()
			s.T.Log(logs, err)
		}
		if err := machine.Close(); err != nil {
			s.T.Error(err)
		}
	})
	return machine
}

// GivenHost starts a Windows host and makes a WindowsHost of it, which is given back when the test ends.
func (s *scene) GivenHost(name, build string) *host {
	s.T.Helper()
	h := &host{Host: s.GivenMachine(name, build), Key: client.ObjectKey{Namespace: s.Namespace, Name: name}}
	s.GivenKey(name, h.KeyFile())
	s.GivenWindowsHost(s.ObjectFor(h))
	return h
}

// GivenKey makes the Secret of a host's private key.
func (s *scene) GivenKey(name string, key []byte) {
	s.T.Helper()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: name},
		Data:       map[string][]byte{"private-key.pem": key},
	}
	if err := s.Client.Create(s.T.Context(), secret); err != nil {
		s.T.Fatal(err)
	}
}

// ObjectFor is the WindowsHost that an administrator would write for a host.
func (s *scene) ObjectFor(h *host) *v1alpha1.WindowsHost {
	s.T.Helper()
	address, port := splitAddress(s.T, h.Address())
	return &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: h.Key.Namespace, Name: h.Key.Name},
		Spec: v1alpha1.WindowsHostSpec{
			Address: address, Port: port, User: h.User(),
			KeySecret: &v1alpha1.SecretReference{Name: h.Key.Name},
			HostKeys:  v1alpha1.HostKeyTrust{Fingerprints: []string{h.HostKeyFingerprint()}},
			Policy:    s.Policy.Name,
		},
	}
}

// GivenWindowsHost makes a WindowsHost, and waits at the end of the test until it was given back.
func (s *scene) GivenWindowsHost(object *v1alpha1.WindowsHost) {
	s.T.Helper()
	if err := s.Client.Create(s.T.Context(), object); err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s.remove(ctx, client.ObjectKeyFromObject(object))
	})
}

// remove lets go of a WindowsHost that a test has left, whatever state it is in.
func (s *scene) remove(ctx context.Context, key client.ObjectKey) {
	s.T.Helper()
	object := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"`+v1alpha1.AnnotationOrphan+`":"true"}}}`))
	for _, err := range []error{s.Client.Patch(ctx, object, patch), s.Client.Delete(ctx, object)} {
		if client.IgnoreNotFound(err) != nil {
			s.T.Error(err)
		}
	}
	s.waitGone(ctx, key)
	name := strings.ToLower(key.Name)
	if err := client.IgnoreNotFound(s.Client.Delete(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}})); err != nil {
		s.T.Error(err)
	}
}

func (s *scene) waitGone(ctx context.Context, key client.ObjectKey) {
	s.T.Helper()
	var object v1alpha1.WindowsHost
	err := poll(ctx, func(ctx context.Context) (bool, error) {
		err := s.Client.Get(ctx, key, &object)
		return client.IgnoreNotFound(err) == nil && err != nil, client.IgnoreNotFound(err)
	})
	if err != nil {
		s.T.Errorf("waiting until WindowsHost %s is gone: %v; it is %s: %s", key, err, object.Status.Phase, object.Status.Message)
	}
}

// ExpectPhase waits until a host is in a phase, and returns the object.
func (s *scene) ExpectPhase(h *host, phase v1alpha1.HostPhase) *v1alpha1.WindowsHost {
	s.T.Helper()
	return s.ExpectHost(h, "is "+string(phase), func(object *v1alpha1.WindowsHost) bool { return object.Status.Phase == phase })
}

// ExpectMessage waits until a host is in a phase, with a message that contains all fragments.
func (s *scene) ExpectMessage(h *host, phase v1alpha1.HostPhase, fragments ...string) *v1alpha1.WindowsHost {
	s.T.Helper()
	return s.ExpectHost(h, fmt.Sprintf("is %s and says %q", phase, fragments), func(object *v1alpha1.WindowsHost) bool {
		for _, fragment := range fragments {
			if !strings.Contains(object.Status.Message, fragment) {
				return false
			}
		}
		return object.Status.Phase == phase
	})
}

// ExpectHost waits until a WindowsHost satisfies a condition.
func (s *scene) ExpectHost(h *host, what string, satisfied func(*v1alpha1.WindowsHost) bool) *v1alpha1.WindowsHost {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	var object v1alpha1.WindowsHost
	err := poll(ctx, func(ctx context.Context) (bool, error) {
		err := s.Client.Get(ctx, h.Key, &object)
		return err == nil && satisfied(&object), err
	})
	if err != nil {
		s.T.Fatalf("waiting until host %s %s: %v; it is %s", h.Key, what, err, describe(&object))
	}
	return &object
}

// describe is a host's status in a few lines.
func describe(object *v1alpha1.WindowsHost) string {
	status := &object.Status
	text := fmt.Sprintf("%s at step %s: %s", status.Phase, status.Step, status.Message)
	if status.LastError != nil {
		text += fmt.Sprintf("\nlast error (%s, %d times): %s", status.LastError.Reason, status.LastError.Attempts, status.LastError.Message)
	}
	for _, condition := range status.Conditions {
		text += fmt.Sprintf("\n%s=%s %s: %s", condition.Type, condition.Status, condition.Reason, condition.Message)
	}
	return text
}

// ExpectCondition checks a condition of a host.
func (s *scene) ExpectCondition(object *v1alpha1.WindowsHost, condition string, status metav1.ConditionStatus) {
	s.T.Helper()
	if found := meta.FindStatusCondition(object.Status.Conditions, condition); found == nil || found.Status != status {
		s.T.Errorf("condition %s is %v, not %s", condition, found, status)
	}
}

// Node is the node of a host.
func (s *scene) Node(h *host) *corev1.Node {
	s.T.Helper()
	node, err := s.Kube.CoreV1().Nodes().Get(s.T.Context(), strings.ToLower(h.Hostname()), metav1.GetOptions{})
	if err != nil {
		s.T.Fatal(err)
	}
	return node
}

// poll asks until the answer is yes. An error does not end it, but its context.
func poll(ctx context.Context, holds func(context.Context) (bool, error)) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		done, err := holds(ctx)
		if done {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			if err == nil {
				err = context.Cause(ctx)
			}
			return err
		}
	}
}
