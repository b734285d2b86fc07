package nodecsr

// Verdict is what to do about a request. The zero value leaves it alone without a word, as not ours.
type Verdict struct {
	// Approve tells to approve the request.
	Approve bool
	// NodeName is the node that the request is about, where it is one of a known host.
	NodeName string
	// Refusal says why the request of a known host's node, or with its name, is not approved, in a sentence without
	// a full stop. It is empty where the request is approved, and where it is none of ours.
	Refusal string
}

func refuse(nodeName, because string) Verdict { return Verdict{NodeName: nodeName, Refusal: because} }
