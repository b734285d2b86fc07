package clusterfacts_test

import (
	"context"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/clusterfacts"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

func addresses(texts ...string) []netip.Addr {
	var all []netip.Addr
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// compareCluster shows differences. What has no exported fields is compared as a whole.
func compareCluster(t *testing.T, want, got nodeconfig.Cluster) {
	t.Helper()
	whole := cmp.Exporter(func(reflect.Type) bool { return true })
	if diff := cmp.Diff(want, got, whole, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAClusterOfKubeadmTellsEverything(t *testing.T) {
	got, err := newWorld(t, kubeadmObjects()...).facts(t).Cluster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compareCluster(t, nodeconfig.Cluster{
		UID:             "the-uid",
		Server:          "https://api.cluster.example.com:6443",
		Authority:       []byte("ca from cluster-info"),
		ClientAuthority: []byte("client ca"),
		ServerVersion:   version.MustParseGeneric("1.37.2"),
		DNS:             addresses("10.96.0.10", "fd00:10:96::a"),
		Domain:          "cluster.example",
		ServiceCIDRs:    prefixes("10.96.0.0/12", "fd00:10:96::/112", "10.200.0.0/16"),
		PodCIDRs:        prefixes("10.244.0.0/16", "fd00:10:244::/56"),
	}, got)
}

func TestAClusterOfOpenShiftTellsEverything(t *testing.T) {
	got, err := newWorld(t,
		namespace(),
		openshiftConfig("Infrastructure", map[string]any{"status": map[string]any{"apiServerInternalURI": "https://api-int.example.com:6443"}}),
		openshiftConfig("Network", map[string]any{"status": map[string]any{"clusterNetwork": []any{
			map[string]any{"cidr": "10.128.0.0/14", "hostPrefix": int64(23)},
		}}}),
		openshiftConfig("Proxy", map[string]any{
			"spec": map[string]any{"trustedCA": map[string]any{"name": "proxy-ca"}, "httpProxy": "http://asked-for.example.com:3128"},
			"status": map[string]any{
				"httpProxy": "http://proxy.example.com:3128", "httpsProxy": "http://proxy.example.com:3129",
				"noProxy": ".svc,10.128.0.0/14, .corp.example.com,",
			},
		}),
		configMap("openshift-config", "proxy-ca", "ca-bundle.crt", "proxy ca"),
		configMap("kube-system", "kube-root-ca.crt", "ca.crt", "root ca"),
		configMap("kube-system", "extension-apiserver-authentication", "client-ca-file", "client ca"),
		dnsService("openshift-dns", "dns-default", nil, "172.30.0.10"),
		serviceCIDR("kubernetes", "172.30.0.0/16"),
	).facts(t).Cluster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compareCluster(t, nodeconfig.Cluster{
		UID:                "the-uid",
		Server:             "https://api-int.example.com:6443",
		Authority:          []byte("root ca"),
		ClientAuthority:    []byte("client ca"),
		ServerVersion:      version.MustParseGeneric("1.37.2"),
		DNS:                addresses("172.30.0.10"),
		Domain:             "cluster.local",
		ServiceCIDRs:       prefixes("172.30.0.0/16"),
		PodCIDRs:           prefixes("10.128.0.0/14"),
		TrustedAuthorities: []byte("proxy ca"),
		Proxy: &v1alpha1.ProxySpec{
			HTTP: "http://proxy.example.com:3128", HTTPS: "http://proxy.example.com:3129",
			NoProxy: []string{".corp.example.com", ".svc", "10.128.0.0/14"},
		},
	}, got)
}

func TestWhatAnAdministratorGivesCountsMore(t *testing.T) {
	w := newWorld(t, namespace())
	w.given = clusterfacts.Given{
		Server: "https://lb.example.com", Authority: []byte("a"), ClientAuthority: []byte("b"),
		ServerVersion: version.MustParseGeneric("1.35.0"), DNS: addresses("192.0.2.53"), Domain: "corp",
		ServiceCIDRs: prefixes("192.0.2.0/25"), PodCIDRs: prefixes("192.0.2.128/25"),
	}
	for sentence, objects := range map[string][]client.Object{
		"than nothing":                   {namespace()},
		"than what the cluster has told": kubeadmObjects(),
	} {
		t.Run(sentence, func(t *testing.T) {
			in := *w
			in.objects = objects
			got, err := in.facts(t).Cluster(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			compareCluster(t, nodeconfig.Cluster{
				UID: "the-uid", Server: "https://lb.example.com", Authority: []byte("a"), ClientAuthority: []byte("b"),
				ServerVersion: w.given.ServerVersion, DNS: w.given.DNS, Domain: "corp",
				ServiceCIDRs: w.given.ServiceCIDRs, PodCIDRs: w.given.PodCIDRs,
			}, got)
		})
	}
	if w.own.asked.Load() != 0 {
		t.Error("an API server is asked for a version that is given")
	}
}

func TestEverythingThatIsNotKnownIsNamedAtOnceWithItsFlag(t *testing.T) {
	_, err := newWorld(t, namespace()).facts(t).Cluster(t.Context())
	if err == nil {
		t.Fatal("nothing is known")
	}
	for _, flag := range []string{
		"--cluster-server", "--cluster-authority", "--cluster-client-authority", "--cluster-dns", "--service-cidrs", "--pod-cidrs",
	} {
		if !strings.Contains(err.Error(), flag) {
			t.Errorf("%v\nlacks %s", err, flag)
		}
	}
}

func TestTheDNSOfOtherInstallersIsFoundByItsLabel(t *testing.T) {
	objects := slices.DeleteFunc(kubeadmObjects(), func(o client.Object) bool { return o.GetName() == "kube-dns" })
	objects = append(objects, dnsService("kube-system", "rke2-coredns", map[string]string{"k8s-app": "kube-dns"}, "10.43.0.10"))
	got, err := newWorld(t, objects...).facts(t).Cluster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("10.43.0.10", got.DNS[0].String()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	replace := func(name string, by client.Object) []client.Object {
		return append(slices.DeleteFunc(kubeadmObjects(), func(o client.Object) bool { return o.GetName() == name }), by)
	}
	for want, objects := range map[string][]client.Object{
		"reading ClusterConfiguration of ConfigMap kube-system/kubeadm-config: ": replace("kubeadm-config",
			configMap("kube-system", "kubeadm-config", "ClusterConfiguration", "networking: [")),
		"reading podSubnet of ConfigMap kube-system/kubeadm-config: ": replace("kubeadm-config",
			configMap("kube-system", "kubeadm-config", "ClusterConfiguration", "networking: {podSubnet: ten}")),
		"reading kubeconfig of ConfigMap kube-public/cluster-info: ": replace("cluster-info",
			configMap("kube-public", "cluster-info", "kubeconfig", "clusters: 1")),
		"reading ServiceCIDRs: ": replace("more", serviceCIDR("more", "10.0.0.0")),
		"reading namespace kube-system: ": slices.DeleteFunc(kubeadmObjects(), func(o client.Object) bool {
			_, ok := o.(*corev1.Namespace)
			return ok
		}),
		"the address of the cluster's DNS": replace("kube-dns", dnsService("kube-system", "kube-dns", nil, "None")),
		"reading Network.config.openshift.io cluster: ": append(kubeadmObjects(),
			openshiftConfig("Infrastructure", map[string]any{}),
			openshiftConfig("Network", map[string]any{"status": map[string]any{"clusterNetwork": "none"}})),
	} {
		if _, err := newWorld(t, objects...).facts(t).Cluster(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// counting is a reader that counts, and fails while it is told to.
type counting struct {
	client.Reader
	reads int
	fails error
}

func newCounting(t *testing.T, w *world) *counting {
	t.Helper()
	c := &counting{}
	c.Reader = fake.NewClientBuilder().WithObjects(w.objects...).WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, under client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
			if _, ok := o.(*corev1.Namespace); ok {
				c.reads++
			}
			if c.fails != nil {
				return c.fails
			}
			return under.Get(ctx, key, o, options...)
		},
	}).Build()
	w.reader = c
	return c
}

func TestFactsAreLookedForOnceAMinute(t *testing.T) {
	w := newWorld(t, kubeadmObjects()...)
	reads := newCounting(t, w)
	facts := w.facts(t)
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {0, 1}, {59 * time.Second, 1}, {time.Second, 2}} {
		w.clock.SetTime(w.clock.Now().Add(step.after))
		if _, err := facts.Cluster(t.Context()); err != nil {
			t.Fatal(err)
		}
		if reads.reads != step.want {
			t.Errorf("after %v they were looked for %d times, want %d", step.after, reads.reads, step.want)
		}
	}
}

func TestAFailureIsRepeatedForAFewSecondsOnly(t *testing.T) {
	w := newWorld(t, kubeadmObjects()...)
	reads := newCounting(t, w)
	facts := w.facts(t)
	reads.fails = errAway
	for range 3 {
		if _, err := facts.Cluster(t.Context()); !errors.Is(err, errAway) {
			t.Fatalf("got %v", err)
		}
	}
	reads.fails = nil
	if _, err := facts.Cluster(t.Context()); !errors.Is(err, errAway) {
		t.Fatalf("got %v", err)
	}
	w.clock.SetTime(w.clock.Now().Add(5 * time.Second))
	if _, err := facts.Cluster(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestACallerWhoGoesAwayLeavesNothingBehind(t *testing.T) {
	w := newWorld(t, kubeadmObjects()...)
	facts := w.facts(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := facts.Cluster(gone); err == nil {
		t.Error("a caller who has gone got an answer")
	}
	if _, err := facts.Cluster(t.Context()); err != nil {
		t.Error(err)
	}
}
