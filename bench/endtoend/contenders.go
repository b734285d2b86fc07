package main

// contender is a way to have Windows pods placed, or not.
type contender struct {
	name, title string
	// places tells that pods get their edits.
	places bool
	// webhooks are those that the API server is to call for a pod.
	webhooks []string
	// ours tells that the calls are answered by this project's webhook.
	ours bool
	// asks says whom a question about the pod is asked in place of creating it; empty where it is created.
	asks asks
}

// asks is whom a question is asked.
type asks string

const (
	asksWebhook   asks = "webhook"
	asksPolicyAPI asks = "policy API"
)

// Names by which contenders are compared, or treated differently.
const (
	nothing      = "nothing"
	inProcess    = "in-process"
	mutatingOnly = "mutating-only"
)

// Names of webhooks in their configurations.
const (
	noopWebhook  = "noop.bench.mullion.dev"
	mutatingPods = "pods.mutate.mullion.dev"
	validatePods = "pods.validate.mullion.dev"
)

func contenders() []contender {
	return []contender{
		{name: nothing, title: "no webhook"},
		{name: "noop", title: "controller-runtime, no-op webhook", webhooks: []string{noopWebhook}},
		{name: inProcess, title: "MutatingAdmissionPolicy with our edits", places: true},
		{name: mutatingOnly, title: "mullion, mutating only", places: true, ours: true, webhooks: []string{mutatingPods}},
		{name: "mullion", title: "mullion as shipped: mutating and validating", places: true, ours: true,
			webhooks: []string{mutatingPods, validatePods}},
		{name: "call", title: "only asked: mullion's webhook, without the API server", ours: true, asks: asksWebhook},
		{name: "review", title: "only asked: a PlacementReview, through the aggregator", ours: true, asks: asksPolicyAPI},
	}
}

// label is on a contender's namespace, with the contender's name.
const label = "bench.mullion.dev/contender"

// namespace is where pods meet the contender and no other.
func (c contender) namespace() string { return "bench-" + c.name }

func (c contender) labels() map[string]string {
	labels := map[string]string{label: c.name}
	if !c.ours {
		labels["mullion.dev/ignore"] = "true"
	}
	return labels
}
