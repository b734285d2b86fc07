package uninstall_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/manifests"
	"github.com/mullion-dev/mullion/test/nodebundle"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// keySecret is where the node manager looks for the key of hosts that name none.
const keySecret = "cloud-private-key"

// somebodysLine lets in an administrator whom nobody here knows.
const somebodysLine = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop somebody\n"

// scene is one test's installation, and what was there before it.
type scene struct {
	*shell
	before  snapshot
	mullion *install.Installation
}

// newScene takes a snapshot, installs, and gives hosts of the build a policy.
func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{shell: newShell(t), before: settledSnapshot(t)}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	insecure := "--insecure-registries=" + shared.registry.Host()
	var err error
	s.mullion, err = install.Install(ctx, shared.cluster, install.Options{
		Hosts: true, Components: []string{"manifests/components/openshift"},
		Programs: &shared.programs, WebhookReplicas: 1, NodeManagerReplicas: 1,
		WebhookArgs: []string{insecure}, NodeManagerArgs: []string{insecure, "--host-resync=30s"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.mullion.Stop)
	s.deployPrograms()
	if err := s.mullion.WaitAnswering(ctx); err != nil {
		t.Fatal(err)
	}
	s.create(shared.hosts.Secret(install.Namespace, keySecret))
	config := nodebundle.Config("windows", shared.bundle, "")
	s.create(config)
	s.create(&v1alpha1.WindowsBuildPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "windows"},
		Spec: v1alpha1.WindowsBuildPolicySpec{
			Builds: []v1alpha1.BuildRule{{
				Build: framework.Build2022, NodeConfigRef: &v1alpha1.NodeConfigReference{Name: config.Name},
			}},
			Rollout: v1alpha1.RolloutPolicy{
				MaxUnavailable: new(intstr.FromInt(5)), Canary: new(int32(0)), CanarySoak: &metav1.Duration{Duration: time.Second},
			},
		},
	})
	return s
}

// deployPrograms applies what the installation of tests leaves out: the Deployments, whose pods run on a hollow node, and
// what is about these. The programs that do the work are processes of this machine.
func (s *scene) deployPrograms() {
	s.t.Helper()
	objects, err := manifests.Build("test/integration/uninstall/" + installedOverlay)
	if err != nil {
		s.t.Fatal(err)
	}
	applied := 0
	for _, object := range objects {
		switch object.GetKind() {
		case "Deployment", "PodDisruptionBudget", "NetworkPolicy":
			text, err := json.Marshal(object)
			if err != nil {
				s.t.Fatal(err)
			}
			if _, err := shared.cluster.Kubectl(s.t.Context(), strings.NewReader(string(text)), "apply", "--server-side", "-f", "-"); err != nil {
				s.t.Fatal(err)
			}
			applied++
		}
	}
	if applied == 0 {
		s.t.Fatal("the overlay has no Deployment")
	}
}

func (s *scene) create(object client.Object) {
	s.t.Helper()
	if err := shared.client.Create(s.t.Context(), object); err != nil {
		s.t.Fatal(err)
	}
}

// host is a Windows host with what it was before anybody knew of it.
type host struct {
	*scriptedhosts.Host
	before map[string]string
	// object is the key of its WindowsHost.
	object client.ObjectKey
}

// start starts a host.
func (s *scene) start(name string, ails scriptedhosts.Ailment) *host {
	s.t.Helper()
	started, err := shared.hosts.Add(scriptedhosts.Spec{Name: name, Build: framework.Build2022, Ails: ails})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := started.Become(scriptedhosts.Down); err != nil {
			s.t.Error(err)
		}
	})
	// As on every host that can be logged in to. This line is somebody else's, and not to be lost.
	started.Machine.WriteFile(`C:\ProgramData\ssh\administrators_authorized_keys`, somebodysLine)
	return &host{Host: started, before: started.Machine.Snapshot()}
}

// given starts a host, and makes a WindowsHost of it.
func (s *scene) given(namespace, name string, ails scriptedhosts.Ailment) *host {
	s.t.Helper()
	h := s.start(name, ails)
	object := h.Object(namespace, keySecret, "")
	h.object = client.ObjectKeyFromObject(object)
	s.create(object)
	return h
}

// listed starts a host, and lists it.
func (s *scene) listed(name string) *host {
	s.t.Helper()
	h := s.start(name, scriptedhosts.Healthy)
	like := h.Object(install.Namespace, "", "")
	key := strings.SplitN(h.KnownHosts(), " ", 2)[1]
	s.create(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: "windows-instances-known-hosts"},
		Data:       map[string]string{"known_hosts": like.Spec.Address + " " + key},
	})
	s.create(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: "windows-instances"},
		Data:       map[string]string{like.Spec.Address: "username=" + like.Spec.User},
	})
	h.object = client.ObjectKey{Namespace: install.Namespace, Name: like.Spec.Address}
	// A list says nothing of ports, and this machine's port 22 is somebody else's.
	until(s.t, "the host has its port", func(ctx context.Context) error {
		object := &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: h.object.Namespace, Name: h.object.Name}}
		patch := fmt.Appendf(nil, `{"spec":{"port":%d}}`, like.Spec.Port)
		return shared.client.Patch(ctx, object, client.RawPatch("application/merge-patch+json", patch))
	})
	return h
}

// read reads the WindowsHost of a host; nil where there is none.
func read(ctx context.Context, h *host) (*v1alpha1.WindowsHost, error) {
	var object v1alpha1.WindowsHost
	err := shared.client.Get(ctx, h.object, &object)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // No host is an answer.
	}
	return &object, err
}

// untilReady waits until hosts are nodes.
func (s *scene) untilReady(hosts ...*host) {
	s.t.Helper()
	s.untilEach("is Ready", hosts, func(status *v1alpha1.WindowsHostStatus) bool {
		return status.Phase == v1alpha1.HostReady && status.Disruption == nil
	})
}

// untilEach waits until something holds of the status of each host.
func (s *scene) untilEach(what string, hosts []*host, holds func(*v1alpha1.WindowsHostStatus) bool) {
	s.t.Helper()
	for _, h := range hosts {
		until(s.t, h.Name()+" "+what, func(ctx context.Context) error {
			object, err := read(ctx, h)
			if err != nil || object == nil {
				return fmt.Errorf("reading it: %v, %w", object, err)
			}
			if status := &object.Status; !holds(status) {
				return fmt.Errorf("it is %s at %s: %s %+v", status.Phase, status.Step, status.Message, status.LastError)
			}
			return nil
		})
	}
}

// expectAsTheyWere looks at hosts: what was put on them is gone, and what was there before is there.
func (s *scene) expectAsTheyWere(hosts ...*host) {
	s.t.Helper()
	for _, h := range hosts {
		for key, value := range h.before {
			if now := h.Machine.Snapshot(); now[key] != value {
				s.t.Errorf("%s: %s was %q and is %q", h, key, value, now[key])
			}
		}
		for key, value := range h.Machine.Snapshot() {
			if _, there := h.before[key]; !there {
				s.t.Errorf("%s: %s is left: %q", h, key, value)
			}
		}
	}
}

// expectNothingLeft ends the programs, and waits until the cluster is as it was before the installation.
func (s *scene) expectNothingLeft() {
	s.t.Helper()
	for command, printed := range s.left() {
		if printed != "" {
			s.t.Errorf("%s prints\n%s", command, printed)
		}
	}
	s.mullion.Stop()
	until(s.t, "the cluster is as it was", func(ctx context.Context) error {
		now, err := takeSnapshot(ctx)
		if err != nil {
			return err
		}
		if differences := s.before.differences(now); len(differences) > 0 {
			return fmt.Errorf("since before the installation:\n%s", strings.Join(differences, "\n"))
		}
		return nil
	})
	s.expectNoPendingRequests()
}

// expectNoPendingRequests looks at certificate requests, which Kubernetes deletes an hour after they were answered.
func (s *scene) expectNoPendingRequests() {
	s.t.Helper()
	requests, err := shared.kube.CertificatesV1().CertificateSigningRequests().List(s.t.Context(), metav1.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range requests.Items {
		if r := &requests.Items[i]; len(r.Status.Certificate) == 0 || r.Status.Conditions[0].Type != certificatesv1.CertificateApproved {
			s.t.Errorf("certificate request %s of %s is pending", r.Name, r.Spec.Username)
		}
	}
}

// until waits until there is no error.
func until(t *testing.T, what string, holds func(context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), interval, patience, true, func(ctx context.Context) (bool, error) {
		err := holds(ctx)
		if ctx.Err() == nil || last == nil {
			last = err // What a request says that was broken off tells nothing.
		}
		return err == nil, nil
	})
	if err != nil {
		t.Fatalf("waiting until %s: %v", what, last)
	}
}
