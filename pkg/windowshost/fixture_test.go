package windowshost

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
	"github.com/mullion-dev/mullion/pkg/joincredentials"
	"github.com/mullion-dev/mullion/pkg/rollout"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

const (
	namespace = "windows"
	build2022 = "10.0.20348"
	policyDef = "general"
	configDef = "windows-2022"
	keySecret = hostaccess.DefaultKeySecret
)

// scene is a cluster, hosts, and whoever else plays a part: kubelets, signers, drains. Its time is its own.
type scene struct {
	t       *testing.T
	clock   *clocktesting.FakePassiveClock
	client  client.WithWatch
	pool    *ssh.Pool
	program *remote.Program
	hosts   map[string]*fakeHost // by node name

	turns    *fakeTurns
	drainer  *fakeDrainer
	events   *eventLog
	metrics  *fakeMetrics
	bundles  fakeBundles
	cluster  *fakeCluster
	machines func(Machines) Machines // wraps what reaches hosts
	options  Options

	// fault is asked before each write to the API server.
	fault func(verb string, object runtime.Object) error
	// written is everything that was written, as JSON.
	written []string
	// kubelets, if it is not nil, changes what a kubelet says of its node.
	kubelets func(*corev1.Node)
	// shown looks at the certificates of kubelets; nil where nobody does.
	shown Kubelets
	mute  map[string]bool // nodes whose kubelet does nothing
	// beforePass, if it is not nil, is called before each pass.
	beforePass func()
	passes     int
	// build is that of the nodes that kubelets register.
	build string
	// unsigned leaves certificate signing requests as they are.
	unsigned bool
	// realTurns, if it is not nil, gives turns as the policy says.
	realTurns *rollout.Turns
	// live, if it is not nil, reads from the API server itself.
	live client.Reader
	// bare is the client without faults.
	bare client.WithWatch
}

// fakeHost is a host and the name that its node has.
type fakeHost struct {
	*remotetest.Host
	node      string
	key       types.NamespacedName
	directory string
}

func newScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(s); err != nil {
		t.Fatal(err)
	}
	// No more than is used: the fake client goes through all of it with each write.
	for group, types := range map[schema.GroupVersion][]runtime.Object{
		corev1.SchemeGroupVersion: {&corev1.Node{}, &corev1.NodeList{}, &corev1.Secret{}, &corev1.SecretList{}},
		appsv1.SchemeGroupVersion: {&appsv1.ControllerRevision{}, &appsv1.ControllerRevisionList{}},
		certificatesv1.SchemeGroupVersion: {
			&certificatesv1.CertificateSigningRequest{}, &certificatesv1.CertificateSigningRequestList{},
		},
	} {
		s.AddKnownTypes(group, types...)
		metav1.AddToGroupVersion(s, group)
	}
	return s
}

func newScene(t *testing.T, objects ...client.Object) *scene {
	t.Helper()
	s := &scene{
		t: t, clock: clocktesting.NewFakePassiveClock(time.Date(2026, time.November, 2, 3, 0, 0, 0, time.UTC)),
		hosts: map[string]*fakeHost{}, turns: &fakeTurns{}, events: &eventLog{}, metrics: &fakeMetrics{failures: map[string]int{}},
		cluster: newFakeCluster(t), mute: map[string]bool{}, machines: func(m Machines) Machines { return m },
	}
	builder := fake.NewClientBuilder().WithScheme(newScheme(t)).WithStatusSubresource(&v1alpha1.WindowsHost{}).
		WithIndex(&corev1.Secret{}, "type", func(o client.Object) []string { return []string{string(o.(*corev1.Secret).Type)} })
	for name, extract := range Indexes() {
		builder.WithIndex(&v1alpha1.WindowsHost{}, name, extract)
	}
	builder.WithObjects(newPolicy(), newConfig(configDef, "v1.37.2"))
	builder.WithObjects(objects...)
	s.build, s.bare = build2022, builder.Build()
	s.client = interceptor.NewClient(s.bare, s.writes())
	s.drainer = &fakeDrainer{client: s.client}
	s.pool = ssh.NewPool(ssh.Options{})
	t.Cleanup(s.pool.Close)
	var err error
	if s.program, err = remote.NewProgram(remotetest.Executable("v1")); err != nil {
		t.Fatal(err)
	}
	return s
}

// writes lets every write be seen, and fail.
func (s *scene) writes() interceptor.Funcs {
	before := func(verb string, object any) error {
		raw, err := json.Marshal(object)
		if err != nil {
			return err
		}
		if secret, is := object.(*corev1.Secret); !is || secret.Type != corev1.SecretTypeBootstrapToken {
			s.written = append(s.written, string(raw))
		}
		if s.fault == nil {
			return nil
		}
		o, _ := object.(runtime.Object)
		return s.fault(verb, o)
	}
	return interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.CreateOption) error {
			if err := before("create", o); err != nil {
				return err
			}
			if o.GetUID() == "" {
				o.SetUID(types.UID(o.GetName()))
			}
			o.SetCreationTimestamp(metav1.NewTime(s.clock.Now()))
			return c.Create(ctx, o, options...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.DeleteOption) error {
			if err := before("delete", o); err != nil {
				return err
			}
			return c.Delete(ctx, o, options...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
			if err := before("patch", o); err != nil {
				return err
			}
			return c.Patch(ctx, o, patch, options...)
		},
		Apply: func(ctx context.Context, c client.WithWatch, o runtime.ApplyConfiguration, options ...client.ApplyOption) error {
			if err := before("apply", o); err != nil {
				return err
			}
			return c.Apply(ctx, o, options...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			if err := before("status", o); err != nil {
				return err
			}
			return c.SubResource(sub).Patch(ctx, o, patch, options...)
		},
	}
}

// reconciler is a new one each time, as after a restart: nothing is to depend on what one remembers.
func (s *scene) reconciler() *Reconciler {
	var turns Turns = s.turns
	if s.realTurns != nil {
		turns = s.realTurns
	}
	var live client.Reader = s.client
	if s.live != nil {
		live = s.live
	}
	return &Reconciler{
		Client: s.client, API: live,
		Access:   hostaccess.New(hostaccess.Options{Reader: s.client, Status: s.client.Status(), Clock: s.clock}),
		Machines: s.machines(OverSSH{Pool: s.pool, Program: s.program}), Bundles: s.bundles, Cluster: s.cluster,
		Credentials: &joincredentials.Issuer{Reader: s.client, Writer: s.client, Clock: s.clock},
		Drainer:     s.drainer, Turns: turns, Events: s.events, Clock: s.clock, Metrics: s.metrics, Options: s.options,
		Kubelets: s.shown,
	}
}

// host starts a host and makes its WindowsHost.
func (s *scene) host(name string, change ...func(*v1alpha1.WindowsHost)) *fakeHost {
	s.t.Helper()
	h := &fakeHost{node: name, key: types.NamespacedName{Namespace: namespace, Name: name}, directory: s.t.TempDir()}
	machine := memhost.New()
	machine.SetFacts(func(f *state.Facts) {
		f.Hostname = strings.ToUpper(name)
		f.Networks = []state.Network{{Name: "Ethernet", Addresses: []string{fmt.Sprintf("192.0.2.%d/24", 10+len(s.hosts)%200)}}}
		f.DefaultRoute = &state.Route{Network: "Ethernet", Gateway: "192.0.2.1"}
	})
	var err error
	if h.Host, err = remotetest.Start(remotetest.Options{Directory: h.directory, Machine: machine}); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(h.Close)
	s.hosts[name] = h
	address, port, _ := net.SplitHostPort(h.Address())
	number, _ := strconv.Atoi(port)
	object := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID("uid-" + name), Generation: 1},
		Spec: v1alpha1.WindowsHostSpec{
			Address: address, Port: int32(number), User: remotetest.User,
			KeySecret: &v1alpha1.SecretReference{Name: "key-" + name},
			HostKeys:  v1alpha1.HostKeyTrust{Fingerprints: []string{fingerprintOf(h)}},
		},
	}
	for _, c := range change {
		c(object)
	}
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "key-" + name},
		Data:       map[string][]byte{"private-key.pem": h.PrivateKey},
	})
	s.create(object)
	return h
}

func fingerprintOf(h *fakeHost) string { return h.Target().HostKeys.Pins[0].String() }
