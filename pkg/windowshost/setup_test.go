package windowshost

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func newObject(name string, change ...func(*v1alpha1.WindowsHost)) *v1alpha1.WindowsHost {
	host := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(name), Generation: 1},
		Spec:       v1alpha1.WindowsHostSpec{Address: name},
	}
	for _, c := range change {
		c(host)
	}
	return host
}

func names(requests []reconcile.Request) []string {
	var all []string
	for _, r := range requests {
		all = append(all, r.Namespace+"/"+r.Name)
	}
	slices.Sort(all)
	return all
}

func TestWhatChangesWakesTheHostsThatItConcerns(t *testing.T) {
	t.Parallel()
	s := newScene(t,
		newObject("a", func(h *v1alpha1.WindowsHost) { h.Status.Node = &v1alpha1.HostNode{Name: "node-a"} }),
		newObject("b", func(h *v1alpha1.WindowsHost) { h.Spec.NodeName = "node-b" }),
		newObject("c", func(h *v1alpha1.WindowsHost) { h.Spec.KeySecret = &v1alpha1.SecretReference{Name: "own"} }),
		newObject("d", func(h *v1alpha1.WindowsHost) { h.Namespace = "elsewhere" }),
	)
	r := s.reconciler()
	secret := func(namespace, name string) *corev1.Secret {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	}
	for sentence, test := range map[string]struct{ got, want []string }{
		"the node that a host is":       {names(r.ofNode(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-a"}})), []string{"windows/a"}},
		"the node that a host is to be": {names(r.ofNode(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-b"}})), []string{"windows/b"}},
		"a node of nobody's":            {names(r.ofNode(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "linux"}})), nil},
		"the Secret of most hosts":      {names(r.ofSecret(keySecret)(t.Context(), secret(namespace, keySecret))), []string{"windows/a", "windows/b"}},
		"a host's own Secret":           {names(r.ofSecret(keySecret)(t.Context(), secret(namespace, "own"))), []string{"windows/c"}},
		"a Secret of another namespace": {names(r.ofSecret(keySecret)(t.Context(), secret("elsewhere", keySecret))), []string{"elsewhere/d"}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s wakes %v and not %v", sentence, test.got, test.want)
		}
	}
}

func TestAPolicyAndANodeConfigurationWakeTheHostsThatTheyConcern(t *testing.T) {
	t.Parallel()
	const build2019 = "10.0.17763"
	known := func(build, policy string) func(*v1alpha1.WindowsHost) {
		return func(h *v1alpha1.WindowsHost) {
			h.Status.Facts, h.Status.Policy = &v1alpha1.HostFacts{Build: build}, policy
		}
	}
	old := newPolicy()
	old.Name = "old"
	old.Spec.Builds = []v1alpha1.BuildRule{{Build: build2019, NodeConfigRef: &v1alpha1.NodeConfigReference{Name: "windows-2019"}}}
	s := newScene(t, old,
		newObject("new"),
		newObject("2022", known(build2022, policyDef)),
		newObject("2019", known(build2019, "old")),
		newObject("own", known(build2019, "old"), func(h *v1alpha1.WindowsHost) {
			h.Spec.NodeConfigRef = &v1alpha1.NodeConfigReference{Name: "own"}
		}),
		newObject("was", known(build2019, "old"), func(h *v1alpha1.WindowsHost) {
			h.Status.Applied = &v1alpha1.AppliedConfiguration{NodeConfig: "was"}
		}),
		newObject("lost", known(build2022, "")),
		newObject("named", known("10.0.26100", ""), func(h *v1alpha1.WindowsHost) { h.Spec.Policy = "old" }),
	)
	r := s.reconciler()
	policy := func(p *v1alpha1.WindowsBuildPolicy) []string { return names(r.ofPolicy(t.Context(), p)) }
	config := func(name string) []string { return names(r.ofConfig(t.Context(), newConfig(name, "v1.37.2"))) }
	empty := newPolicy()
	empty.Spec.Builds = nil
	for sentence, test := range map[string]struct{ got, want []string }{
		"a policy wakes its hosts, and those of its builds": {policy(newPolicy()), []string{"windows/2022", "windows/lost"}},
		"a policy wakes those that name it":                 {policy(old), []string{"windows/2019", "windows/named", "windows/own", "windows/was"}},
		"a policy without their build wakes its hosts":      {policy(empty), []string{"windows/2022"}},
		"a configuration wakes those that are to have it":   {config("windows-2019"), []string{"windows/2019", "windows/lost", "windows/named", "windows/was"}},
		"a configuration wakes those that name it":          {config("own"), []string{"windows/lost", "windows/named", "windows/own"}},
		"a configuration wakes those that have it":          {config("was"), []string{"windows/lost", "windows/named", "windows/was"}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: %v and not %v", sentence, test.got, test.want)
		}
	}
}

func TestOurOwnStatusWakesNobody(t *testing.T) {
	before := newObject("a")
	for sentence, test := range map[string]struct {
		change func(*v1alpha1.WindowsHost)
		wakes  bool
	}{
		"the status":            {func(h *v1alpha1.WindowsHost) { h.Status.Phase = v1alpha1.HostReady }, false},
		"the spec":              {func(h *v1alpha1.WindowsHost) { h.Generation++ }, true},
		"a request to look":     {func(h *v1alpha1.WindowsHost) { h.Annotations = map[string]string{v1alpha1.AnnotationReconcile: "1"} }, true},
		"the finalizers":        {func(h *v1alpha1.WindowsHost) { h.Finalizers = []string{"x"} }, false},
		"that it is to be gone": {func(h *v1alpha1.WindowsHost) { h.Generation++; h.DeletionTimestamp = &metav1.Time{} }, true},
	} {
		after := before.DeepCopy()
		test.change(after)
		if got := wanted().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}); got != test.wakes {
			t.Errorf("%s: %t", sentence, got)
		}
	}
}

func TestANodesHeartbeatWakesNobody(t *testing.T) {
	before := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"x": "1"}},
		Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
	}
	for sentence, test := range map[string]struct {
		change func(*corev1.Node)
		wakes  bool
	}{
		"a heartbeat":             {func(n *corev1.Node) { n.Status.Conditions[0].LastHeartbeatTime = metav1.NewTime(time.Now()) }, false},
		"an image that it pulled": {func(n *corev1.Node) { n.Status.Images = []corev1.ContainerImage{{}} }, false},
		"it is not Ready":         {func(n *corev1.Node) { n.Status.Conditions[0].Status = corev1.ConditionFalse }, true},
		"another kubelet":         {func(n *corev1.Node) { n.Status.NodeInfo.KubeletVersion = "v1.38.0" }, true},
		"a cordon":                {func(n *corev1.Node) { n.Spec.Unschedulable = true }, true},
		"a label":                 {func(n *corev1.Node) { n.Labels["x"] = "2" }, true},
		"a taint":                 {func(n *corev1.Node) { n.Spec.Taints = []corev1.Taint{{Key: "x"}} }, true},
		"a request to restart":    {func(n *corev1.Node) { n.Annotations = map[string]string{v1alpha1.AnnotationRebootRequired: ""} }, true},
		"somebody's annotation":   {func(n *corev1.Node) { n.Annotations = map[string]string{"x": "1"} }, false},
	} {
		after := before.DeepCopy()
		test.change(after)
		if got := nodeChanges().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}); got != test.wakes {
			t.Errorf("%s: %t", sentence, got)
		}
	}
}

func TestHostsThatBecameReadyAtOnceAreNotLookedAtAtOnce(t *testing.T) {
	seen := map[time.Duration]bool{}
	for _, uid := range []types.UID{"a", "b", "c", "d", "e"} {
		d := spread(10*time.Minute, uid)
		if d > 10*time.Minute || d < 9*time.Minute || d != spread(10*time.Minute, uid) {
			t.Errorf("%s after %v", uid, d)
		}
		seen[d] = true
	}
	if len(seen) < 4 {
		t.Errorf("they are looked at after %v", seen)
	}
}

func TestItIsSetUpWithItsIndexesAndWatches(t *testing.T) {
	scheme := newScheme(t)
	mgr, err := manager.New(&rest.Config{Host: "http://127.0.0.1:1"}, manager.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}, Logger: logr.Discard(),
		// Nobody is asked which kinds there are.
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) {
			mapper := meta.NewDefaultRESTMapper(nil)
			for kind := range scheme.AllKnownTypes() {
				mapper.Add(kind, meta.RESTScopeNamespace)
			}
			return mapper, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(t)
	if err := s.reconciler().SetupWithManager(t.Context(), mgr, keySecret); err != nil {
		t.Error(err)
	}
	if err := Index(t.Context(), mgr.GetFieldIndexer()); err == nil {
		t.Error("the indexes are not there")
	}
}
