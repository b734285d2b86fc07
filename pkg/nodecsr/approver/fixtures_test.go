package approver_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
	"github.com/mullion-dev/mullion/pkg/nodecsr/approver"
)

const (
	nodeName      = "win-1"
	nodeUser      = "system:node:win-1"
	bootstrapUser = "system:bootstrap:07401b"
)

// newHost is one that is claimed, and joins.
func newHost(change ...func(*v1alpha1.WindowsHost)) *v1alpha1.WindowsHost {
	host := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: "hosts", Name: "first", UID: "uid-1", Finalizers: []string{v1alpha1.FinalizerHost}},
		Status: v1alpha1.WindowsHostStatus{
			Conditions: []metav1.Condition{{Type: v1alpha1.HostConditionHostKeyVerified, Status: metav1.ConditionTrue, Reason: "Pinned"}},
			Node: &v1alpha1.HostNode{
				Name: nodeName, BootstrapUser: bootstrapUser, Addresses: []string{"192.0.2.7", "win-1.corp.example.com"},
			},
		},
	}
	for _, c := range change {
		c(host)
	}
	return host
}

// draft is a request before it is signed.
type draft struct {
	template x509.CertificateRequest
	spec     certificatesv1.CertificateSigningRequestSpec
}

// clientDraft is what a kubelet asks with its bootstrap token.
func clientDraft() *draft {
	return &draft{
		template: x509.CertificateRequest{Subject: pkix.Name{CommonName: nodeUser, Organization: []string{"system:nodes"}}},
		spec: certificatesv1.CertificateSigningRequestSpec{
			SignerName: certificatesv1.KubeAPIServerClientKubeletSignerName,
			Username:   bootstrapUser,
			Groups:     []string{"system:bootstrappers", "system:bootstrappers:mullion", "system:authenticated"},
			Usages:     []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, certificatesv1.UsageClientAuth},
		},
	}
}

// servingDraft is what a kubelet asks as its node.
func servingDraft() *draft {
	d := clientDraft()
	d.template.DNSNames = []string{"win-1", "win-1.corp.example.com"}
	d.template.IPAddresses = []net.IP{net.ParseIP("192.0.2.7")}
	d.spec.SignerName = certificatesv1.KubeletServingSignerName
	d.spec.Username, d.spec.Groups = nodeUser, []string{"system:nodes", "system:authenticated"}
	d.spec.Usages = []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, certificatesv1.UsageServerAuth}
	return d
}

func (d *draft) with(change func(*draft)) *draft {
	change(d)
	return d
}

// sign makes the request of the draft.
func (d *draft) sign(t *testing.T, name string) *certificatesv1.CertificateSigningRequest {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &d.template, key)
	if err != nil {
		t.Fatal(err)
	}
	request := &certificatesv1.CertificateSigningRequest{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name)}, Spec: d.spec}
	request.Spec.Request = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	return request
}

// world is a cluster with a reconciler.
type world struct {
	*approver.Reconciler
	cached, live client.WithWatch
	events       *events.FakeRecorder
	registry     *prometheus.Registry
	// refuses, if not nil, is what approving fails with; unreadable what reading live hosts fails with.
	refuses, unreadable error
	// cluster is what is known of the cluster, and unknown why nothing is.
	cluster nodeconfig.Cluster
	unknown error
}

// newWorld has a cache that shows the hosts and requests, and an API server that has the same hosts unless others are
// given.
func newWorld(t *testing.T, objects []client.Object, live ...client.Object) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	if live == nil {
		live = objects
	}
	live = append(slices.Clone(live), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kubernetes"},
		Spec:       corev1.ServiceSpec{ClusterIPs: []string{"10.96.0.1"}},
	})
	w := &world{
		events: events.NewFakeRecorder(10), registry: prometheus.NewPedanticRegistry(),
		cluster: nodeconfig.Cluster{
			Server: "https://API.example.com:6443", Domain: "cluster.example", ServiceCIDRs: []netip.Prefix{netip.MustParsePrefix("10.96.0.0/12")},
		},
	}
	w.cached = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithIndex(&v1alpha1.WindowsHost{}, approver.NodeNameIndex, approver.NodeNames).
		WithInterceptorFuncs(interceptor.Funcs{
			SubResourceUpdate: func(
				ctx context.Context, c client.Client, name string, o client.Object, options ...client.SubResourceUpdateOption,
			) error {
				if w.refuses != nil {
					return w.refuses
				}
				if name != "approval" {
					t.Errorf("%s is written", name)
				}
				return c.SubResource(name).Update(ctx, o, options...)
			},
		}).Build()
	w.live = fake.NewClientBuilder().WithScheme(scheme).WithObjects(live...).WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
			if w.unreadable != nil {
				return w.unreadable
			}
			return c.Get(ctx, key, o, options...)
		},
	}).Build()
	var err error
	w.Reconciler, err = approver.New(approver.Options{
		Client: w.cached, API: w.live, Events: w.events, Registry: w.registry,
		Cluster: func(context.Context) (nodeconfig.Cluster, error) { return w.cluster, w.unknown },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// reconcile returns the request afterwards.
func (w *world) reconcile(t *testing.T, name string) (*certificatesv1.CertificateSigningRequest, error) {
	t.Helper()
	_, err := w.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Name: name}})
	var after certificatesv1.CertificateSigningRequest
	if err := w.cached.Get(t.Context(), client.ObjectKey{Name: name}, &after); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	return &after, err
}

// counted are the series that are not zero, by kind, decision and reason.
func (w *world) counted(t *testing.T) map[string]float64 {
	t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, family := range families {
		for _, series := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range series.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if value := series.GetCounter().GetValue(); value != 0 {
				counts[labels["kind"]+" "+labels["decision"]+" "+labels["reason"]] = value
			}
		}
	}
	return counts
}

// told are the events so far.
func (w *world) told() []string {
	var all []string
	for {
		select {
		case event := <-w.events.Events:
			all = append(all, event)
		default:
			return all
		}
	}
}
