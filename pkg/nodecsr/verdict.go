package nodecsr

// Verdict is what to do about a request. The zero value leaves it alone without a word, as not ours.
type Verdict struct {
	// Approve tells to approve the request.
	Approve bool
	// NodeName is the node that the request is about, where it is one of a known host.
	NodeName string
	// Reason is what is wrong, in a word, where there is a Refusal.
	Reason Reason
	// Refusal says why the request of a known host's node, or with its name, is not approved, in a sentence without
	// a full stop. It is empty where the request is approved, and where it is none of ours.
	Refusal string
}

// Reason is what is wrong with a request, in a word.
type Reason string

// The reasons.
const (
	// ReasonUnreadable: it cannot be read, or its signature is wrong.
	ReasonUnreadable Reason = "Unreadable"
	// ReasonSubject: it is not for exactly the node's user and group, or it asks for more than a kubelet does.
	ReasonSubject Reason = "Subject"
	// ReasonRequester: it is made by somebody else than the host, or its node.
	ReasonRequester Reason = "Requester"
	// ReasonUsages: its usages are not those of its signer.
	ReasonUsages Reason = "Usages"
	// ReasonAlternativeNames: it is for a name or an address that is not known to be the host's.
	ReasonAlternativeNames Reason = "AlternativeNames"
)

// Reasons are all that can be wrong with a request.
func Reasons() []Reason {
	return []Reason{ReasonUnreadable, ReasonSubject, ReasonRequester, ReasonUsages, ReasonAlternativeNames}
}

func refuse(nodeName string, reason Reason, because error) Verdict {
	return Verdict{NodeName: nodeName, Reason: reason, Refusal: because.Error()}
}
