package windowshost

import (
	"context"
	"strings"
	"testing"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestABareHostBecomesAReadyNode(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := s.host("win-a")
	host := s.untilPhase(h, v1alpha1.HostReady)
	for kind, want := range map[string]string{
		v1alpha1.HostConditionReady:           "True AsDesired",
		v1alpha1.HostConditionReachable:       "True LoggedIn",
		v1alpha1.HostConditionHostKeyVerified: "True Pinned",
		v1alpha1.HostConditionPreflightPassed: "True Passed",
		v1alpha1.HostConditionConfigured:      "True Applied",
		v1alpha1.HostConditionJoined:          "True Registered",
		v1alpha1.HostConditionUpToDate:        "True AsDesired",
		v1alpha1.HostConditionDraining:        "False NotDraining",
		v1alpha1.HostConditionRebootRequired:  "False NoRebootRequired",
		v1alpha1.HostConditionDegraded:        "False AsDesired",
	} {
		expectCondition(t, host, kind, want)
	}
	expectMessage(t, host, "Node win-a is Ready, with Kubernetes v1.37.2.")
	status := host.Status
	if status.Policy != policyDef || status.Step != v1alpha1.StepRelease || status.Plan != nil || status.Disruption != nil ||
		status.LastError != nil || status.ObservedGeneration != 1 || status.Node.BootstrapUser != "" || !status.Node.Joined {
		t.Errorf("status: %+v", status)
	}
	if status.Node.Address != "192.0.2.10" {
		t.Errorf("its address is %q", status.Node.Address)
	}
	expectAsked(t, s, v1alpha1.DisruptionJoin)
	if len(s.turns.given) > 0 || len(s.drainer.steps) > 0 {
		t.Errorf("turns %v, drained %v", s.turns.given, s.drainer.steps)
	}
	if warnings := s.warnings(); len(warnings) > 0 {
		t.Errorf("warnings: %v", warnings)
	}
}

func TestANodeHasTheLabelsTaintsAndAnnotationsThatAreOursToGive(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	node := s.node(h.node)
	for key, want := range map[string]string{
		v1alpha1.LabelBYOH: "true", labelOSID: "Windows", labelWorker: "", "node-role.kubernetes.io/windows": "",
	} {
		if got, found := node.Labels[key]; !found || got != want {
			t.Errorf("label %s is %q, %t", key, got, found)
		}
	}
	if len(node.Spec.Taints) != 1 || node.Spec.Taints[0].ToString() != "os=Windows:NoSchedule" {
		t.Errorf("taints %v", node.Spec.Taints)
	}
	if node.Annotations[v1alpha1.AnnotationHost] != "windows/win-a" || len(node.Annotations[v1alpha1.AnnotationPublicKeyHash]) != 64 {
		t.Errorf("annotations %v", node.Annotations)
	}

	// What others give it stays, and what is no longer wanted goes.
	s.changeNode(h.node, func(n *corev1.Node) {
		n.Labels["example.com/theirs"] = "1"
		n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "node.kubernetes.io/unreachable", Effect: corev1.TaintEffectNoExecute})
		delete(n.Labels, v1alpha1.LabelBYOH)
	})
	s.options.Version = "v0.5.0"
	s.changeConfig(func(c *v1alpha1.WindowsNodeConfig) {
		c.Spec.Labels = nil
		c.Spec.Taints = []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoExecute}}
	})
	s.untilReadyAt(h, 2)
	node = s.node(h.node)
	if _, found := node.Labels["node-role.kubernetes.io/windows"]; found || node.Labels["example.com/theirs"] != "1" || node.Labels[v1alpha1.LabelBYOH] != "true" {
		t.Errorf("labels %v", node.Labels)
	}
	if got := taintList(node.Spec.Taints); got != "node.kubernetes.io/unreachable:NoExecute,os=windows:NoExecute" {
		t.Errorf("taints %s", got)
	}
	if node.Annotations[v1alpha1.AnnotationOperatorVersion] != "v0.5.0" || node.Annotations[v1alpha1.AnnotationOperatorDesiredVersion] != "v0.5.0" {
		t.Errorf("annotations %v", node.Annotations)
	}
}

func TestANodeTakesNoPodsBeforeItIsComplete(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := s.host("win-a")
	s.unsigned = true
	host := s.until(h, "waiting for its certificate", func(host *v1alpha1.WindowsHost) bool {
		return strings.Contains(host.Status.Message, "to be approved and signed")
	})
	expectPhase(t, host, v1alpha1.HostJoining)
	expectCondition(t, host, v1alpha1.HostConditionJoined, "False AwaitingCertificate")
	if node := s.node(h.node); !node.Spec.Unschedulable {
		t.Error("pods can be placed on it")
	}
	s.sign()
	host = s.untilPhase(h, v1alpha1.HostReady)
	if s.node(h.node).Spec.Unschedulable || s.metrics.certificates != 1 {
		t.Errorf("unschedulable: %t, certificates: %d", s.node(h.node).Spec.Unschedulable, s.metrics.certificates)
	}
	if host.Status.Disruption != nil {
		t.Error("the turn is not returned")
	}
}

func TestAKubeletThatDoesNotRegisterIsNamedAfterAWhile(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.options.JoinTimeout = time.Minute
	h := s.host("win-a")
	s.mute[h.node] = true
	host := s.until(h, "waiting", func(host *v1alpha1.WindowsHost) bool { return host.Status.Phase == v1alpha1.HostJoining })
	expectCondition(t, host, v1alpha1.HostConditionJoined, "False AwaitingRegistration")
	host = s.untilPhase(h, v1alpha1.HostFailed)
	expectMessage(t, host, "kubelet.log")
	s.mute[h.node] = false
	s.untilPhase(h, v1alpha1.HostReady)
}

// countedReads counts the nodes that are read from the API server itself.
type countedReads struct {
	client.Reader
	nodes int
}

func (c *countedReads) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	if _, is := object.(*corev1.Node); is {
		c.nodes++
	}
	return c.Reader.Get(ctx, key, object, options...)
}

func TestWhoWaitsForAKubeletReadsNoNodeFromTheAPIServer(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	reads := &countedReads{Reader: s.client}
	s.live = reads
	h := s.host("win-a")
	s.mute[h.node] = true
	s.untilPhase(h, v1alpha1.HostJoining)
	if reads.nodes == 0 {
		t.Error("it has credentials for a name of which the API server was not asked whose it is")
	}
	before := reads.nodes
	for range 5 {
		s.passed(h)
	}
	if reads.nodes > before {
		t.Errorf("in 5 passes the node was read %d times", reads.nodes-before)
	}
	s.mute[h.node] = false
	s.untilPhase(h, v1alpha1.HostReady)
}

func TestANodeThatWasDeletedJoinsAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	if err := s.client.Delete(t.Context(), s.node(h.node)); err != nil {
		t.Fatal(err)
	}
	host := s.untilPhase(h, v1alpha1.HostReady)
	if !host.Status.Node.Joined || s.node(h.node) == nil {
		t.Errorf("node: %+v", host.Status.Node)
	}
}

func TestAHostThatDiesWhileItIsChangedGoesOnWhenItIsBack(t *testing.T) {
	t.Parallel()
	for sentence, die := range map[string]func(*fakeHost){
		"the agent is killed":   func(h *fakeHost) { h.Machine.Kill() },
		"the power is lost":     func(h *fakeHost) { h.Machine.LosePower() },
		"the host is restarted": func(h *fakeHost) { h.Machine.Reboot() },
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t)
			h := s.host("win-a")
			s.until(h, "about to be changed", func(host *v1alpha1.WindowsHost) bool { return host.Status.Disruption != nil })
			h.Machine.CutAt(40)
			s.passed(h)
			if !h.Machine.WasCut() {
				t.Fatal("it did not die")
			}
			die(h)
			s.untilPhase(h, v1alpha1.HostReady)
		})
	}
}

func TestAHostThatHasJoinedIsGivenNoTokenByACacheThatIsBehind(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := s.host("win-a")
	var behind *v1alpha1.WindowsHost
	s.beforePass = func() {
		if host := s.get(h); host.Status.Node == nil || !host.Status.Node.Joined {
			behind = host
		}
	}
	s.untilPhase(h, v1alpha1.HostReady)
	r := s.reconciler()
	r.Client = interceptor.NewClient(s.client, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
			if host, is := o.(*v1alpha1.WindowsHost); is {
				behind.DeepCopyInto(host)
				return nil
			}
			return c.Get(ctx, key, o, options...)
		},
	})
	// And it alarms nobody.
	if result, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: h.key}); err != nil || result.RequeueAfter == 0 {
		t.Errorf("it is not looked at again: %v, error %v", result, err)
	}
	var secrets corev1.SecretList
	if err := s.client.List(t.Context(), &secrets, client.MatchingFields{"type": string(corev1.SecretTypeBootstrapToken)}); err != nil {
		t.Fatal(err)
	}
	if len(secrets.Items) > 0 {
		t.Errorf("there are tokens: %v", secrets.Items)
	}
}

func TestTheTokenIsWrittenNowhere(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := s.host("win-a")
	var tokens []string
	s.beforePass = func() {
		var secrets corev1.SecretList
		if err := s.client.List(t.Context(), &secrets); err != nil {
			t.Fatal(err)
		}
		for i := range secrets.Items {
			if secrets.Items[i].Type == corev1.SecretTypeBootstrapToken {
				tokens = append(tokens, string(secrets.Items[i].Data["token-secret"]))
			}
		}
	}
	// Whatever goes wrong with the token on the host is told, and not the token.
	h.Machine.FailStart("kubelet", `C:\var\log\kubelet\kubelet.log`, "the kubelet does not start")
	s.untilPhase(h, v1alpha1.HostFailed)
	h.Machine.Repair("kubelet")
	s.untilPhase(h, v1alpha1.HostReady)
	if len(tokens) == 0 {
		t.Fatal("no token was ever issued")
	}
	var secrets corev1.SecretList
	if err := s.client.List(t.Context(), &secrets); err != nil {
		t.Fatal(err)
	}
	if len(secrets.Items) != 1 {
		t.Errorf("%d Secrets are left", len(secrets.Items))
	}
	for _, token := range tokens {
		for _, text := range append(s.written, s.events.all()...) {
			if token == "" || strings.Contains(text, token) {
				t.Fatalf("the token %q is in %s", token, text)
			}
		}
		for name, content := range h.Machine.Snapshot(`C:\ProgramData\mullion`) {
			if strings.Contains(content, token) {
				t.Errorf("the token is still on the host, as %s", name)
			}
		}
	}
}

func TestASecretThatSlipsIntoAnErrorIsTakenOut(t *testing.T) {
	p := &pass{}
	p.keepSecret("abcdef.0123456789abcdef")
	if got := p.redact("token abcdef.0123456789abcdef, or 0123456789abcdef"); strings.Contains(got, "0123456789abcdef") {
		t.Errorf("got %s", got)
	}
}

func TestServingCertificatesAreSeenByTheirRequests(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 2, 3, 0, 0, 0, time.UTC)
	request := func(name, user, signer string, created time.Time, certificate string) *certificatesv1.CertificateSigningRequest {
		return &certificatesv1.CertificateSigningRequest{
			ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(created)},
			Spec:       certificatesv1.CertificateSigningRequestSpec{SignerName: signer, Username: user},
			Status:     certificatesv1.CertificateSigningRequestStatus{Certificate: []byte(certificate)},
		}
	}
	serving, user := certificatesv1.KubeletServingSignerName, "system:node:win-a"
	for sentence, test := range map[string]struct {
		requests []*certificatesv1.CertificateSigningRequest
		age      time.Duration
		issued   bool
		message  string
	}{
		"a node that has not asked yet":         {age: time.Minute, message: "to ask for"},
		"a node that has asked":                 {[]*certificatesv1.CertificateSigningRequest{request("csr-1", user, serving, now, "")}, time.Minute, false, "csr-1"},
		"a node that was given one":             {[]*certificatesv1.CertificateSigningRequest{request("csr-1", user, serving, now, "x")}, time.Minute, true, ""},
		"a node that asked while it registered": {[]*certificatesv1.CertificateSigningRequest{request("csr-1", user, serving, now.Add(-time.Minute-2*time.Second), "x")}, time.Minute, true, ""},
		"another node was given one":            {[]*certificatesv1.CertificateSigningRequest{request("csr-1", "system:node:win-ab", serving, now, "x")}, time.Minute, false, "to ask for"},
		"it was given one as a client":          {[]*certificatesv1.CertificateSigningRequest{request("csr-1", user, certificatesv1.KubeAPIServerClientKubeletSignerName, now, "x")}, time.Minute, false, "to ask for"},
		"a node of that name before was":        {[]*certificatesv1.CertificateSigningRequest{request("csr-1", user, serving, now.Add(-time.Hour), "x")}, time.Minute, false, "to ask for"},
		"an old node, whose request is gone":    {age: 2 * time.Hour, issued: true},
		"an old node that waits for a new one":  {[]*certificatesv1.CertificateSigningRequest{request("csr-1", user, serving, now, "")}, 2 * time.Hour, false, "csr-1"},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t)
			for _, r := range test.requests {
				if err := s.bare.Create(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
			node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "win-a", UID: types.UID("n"), CreationTimestamp: metav1.NewTime(now.Add(-test.age))}}
			got, err := servingCertificate(t.Context(), s.client, node, now)
			if err != nil {
				t.Fatal(err)
			}
			if got.issued != test.issued || !strings.Contains(got.message, test.message) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
