package windowshost

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/hostpolicy"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// pass is one look at one host: what the steps so far have found. It is used by one goroutine.
type pass struct {
	// host is the object; steps change its status, which is written at the end, or by save.
	host *v1alpha1.WindowsHost
	*store

	// claimed is what the host waited for when the pass began.
	claimed *v1alpha1.HostClaim
	// request is the annotation mullion.dev/reconcile when the pass began.
	request string

	// node is the host's node, nil where there is none.
	node *corev1.Node
	// machine is the host itself, and facts is what is true of it.
	machine Machine
	facts   *state.Facts
	// keys are the lines of authorized_keys that the host shall have, and retired those that it must not have any more.
	keys, retired []string
	// loginHash is what nodes are annotated with for the key by which the host was logged in to.
	loginHash string

	// found is what the policy makes of the host.
	found hostpolicy.Found
	// goal is what the host is to have, and cluster what nodes have to know.
	goal    goal
	cluster nodeconfig.Cluster
	// result is what the goal makes of this host, and stateDigest names the state in it.
	result      nodeconfig.Result
	stateDigest string
	// plan is what is left to do; empty where the host is as desired.
	plan state.Plan
	// need is for what the host has to be taken out of service; empty where it has not.
	need v1alpha1.DisruptionReason
	// rebootFor is why the host has to restart; empty where it has not.
	rebootFor string

	// trouble is what is wrong with a host that serves.
	trouble *trouble
	// secrets are words that must not be written anywhere.
	secrets []string
	// afterwards is done when the status has been written.
	afterwards []func()
	// gone tells that the object is, so that nothing can be written any more.
	gone bool
}

// goal is a configuration that a host is to have.
type goal struct {
	config *v1alpha1.WindowsNodeConfig
	bundle Bundle
	// digest names the configuration.
	digest string
	// rolledBack tells that it is not what the policy wants, but what the host was taken back to.
	rolledBack bool
}

// trouble is something about a host that serves, and needs somebody nevertheless.
type trouble struct{ reason, message string }

func newPass(host *v1alpha1.WindowsHost, s *store) *pass {
	p := &pass{host: host, store: s, claimed: host.Status.Claim, request: host.Annotations[v1alpha1.AnnotationReconcile]}
	// Who does not come as far as to ask for a turn waits for none.
	host.Status.Claim = nil
	s.redact = p.redact
	return p
}

func (p *pass) key() types.NamespacedName { return client.ObjectKeyFromObject(p.host) }

func (p *pass) status() *v1alpha1.WindowsHostStatus { return &p.host.Status }

// joined tells whether the host was registered as a node.
func (p *pass) joined() bool { return p.host.Status.Node != nil && p.host.Status.Node.Joined }

// out tells whether the host has a turn to be out of service.
func (p *pass) out() bool { return p.host.Status.Disruption != nil }

// serves tells whether pods run on the host as they should.
func (p *pass) serves() bool { return p.joined() && !p.out() && p.node != nil && nodeReady(p.node) }

// touched tells whether anything was done to the host that is to be undone.
func (p *pass) touched() bool {
	s := p.status()
	return s.Applied != nil || s.Node != nil || s.Disruption != nil
}

// nodeName is the name of the host's node, as far as it has one.
func (p *pass) nodeName() string {
	if p.host.Status.Node == nil {
		return ""
	}
	return p.host.Status.Node.Name
}

// redact takes secrets out of a text. None should be in it: this is for the error that somebody forgets.
func (p *pass) redact(text string) string {
	for _, secret := range p.secrets {
		text = strings.ReplaceAll(text, secret, "[secret]")
	}
	return text
}

// keepSecret makes redact know a secret, and each part of it that is one: that of a token is behind its dot.
func (p *pass) keepSecret(value string) {
	p.secrets = append(p.secrets, value)
	if _, secret, found := strings.Cut(value, "."); found && secret != "" {
		p.secrets = append(p.secrets, secret)
	}
}

// shortened is as much of a text as a field has room for, cut between characters.
func shortened(text string, limit int) string {
	const ellipsis = "…"
	if len(text) <= limit {
		return text
	}
	cut := limit - len(ellipsis)
	for cut > 0 && text[cut]&0xC0 == 0x80 { // Not within a character of UTF-8.
		cut--
	}
	return text[:cut] + ellipsis
}

// overdue tells whether something that began at a time takes longer than it may.
func (p *pass) overdue(since time.Time, limit time.Duration) bool {
	return p.now().Sub(since) >= limit
}
